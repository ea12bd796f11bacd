using Headway.Features;
using Headway.Models.Providers.OpenAi;
using Headway.Upstream;

namespace Headway.Tests.Models.OpenAi;

public sealed class AzureTests
{
    private const string Answer = "The patient takes metformin 500 mg twice daily – well tolerated.";

    [Theory]
    [InlineData("https://clinic.openai.azure.com", null, "https://clinic.openai.azure.com/openai/v1/chat/completions")]
    [InlineData("https://clinic.openai.azure.com/", null, "https://clinic.openai.azure.com/openai/v1/chat/completions")]
    [InlineData("https://clinic.openai.azure.com/openai/v1/", null, "https://clinic.openai.azure.com/openai/v1/chat/completions")]
    [InlineData("https://clinic.openai.azure.com/openai", "2024-10-21", "https://clinic.openai.azure.com/openai/deployments/triage%20mini/chat/completions?api-version=2024-10-21")]
    [InlineData("https://gateway.example.com/ai", "2025-04-01-preview", "https://gateway.example.com/ai/openai/deployments/triage%20mini/chat/completions?api-version=2025-04-01-preview")]
    public void The_address_is_made_of_the_resource_and_the_deployment(string baseUrl, string? version, string address) =>
        OpenAiHost.Azure.Address(new ModelDefinition { Name = "fast", Provider = "azure", Model = "triage mini", BaseUrl = new Uri(baseUrl), ApiVersion = version }, "chat/completions")
            .AbsoluteUri.ShouldBe(address);

    [Theory]
    [InlineData(null, "/openai/v1/chat/completions")]
    [InlineData("2024-10-21", "/openai/deployments/gpt-5-mini/chat/completions?api-version=2024-10-21")]
    public async Task It_is_asked_under_its_own_address_with_its_own_key_header(string? version, string path)
    {
        await using var asking = await StartAsync(Scripts.Events(Scripts.Fixture("azure/stream")), version);

        var answer = await asking.AnswerAsync(Asking.Request() with { MaxTokens = 9 });

        answer.Text.ShouldBe(Answer);
        answer.ProviderModel.ShouldBe("gpt-4.1-mini-2025-04-14");
        answer.Usage.OutputTokens.ShouldBe(14);
        var call = asking.Upstream.Calls.ShouldHaveSingleItem();
        call.Path.ShouldBe(path);
        call.Headers["api-key"].ShouldBe(Asking.Key);
        call.Headers.Keys.ShouldNotContain("Authorization");
        call.Body.ShouldContain("\"max_completion_tokens\":9");
    }

    [Fact]
    public async Task A_token_of_Entra_in_a_declared_header_needs_no_key()
    {
        await using var asking = await StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("azure/whole")));
        asking.Change(model => model with { ApiKey = null, Headers = new Dictionary<string, string> { ["Authorization"] = "Bearer eyJ0" } });

        (await asking.AnswerAsync()).Text.ShouldBe(Answer);

        asking.Upstream.Calls[0].Headers["Authorization"].ShouldBe("Bearer eyJ0");
        asking.Upstream.Calls[0].Headers.Keys.ShouldNotContain("api-key");
    }

    [Theory]
    [InlineData(400, "error-content-filter", "model-content-filter")]
    [InlineData(401, "error-key", "model-unauthorized")]
    [InlineData(404, "error-deployment", "model-not-found")]
    [InlineData(429, "error-rate-limit", "model-rate-limited")]
    public async Task Its_errors_are_the_same_failures(int status, string fixture, string code)
    {
        await using var asking = await StartAsync(Scripts.Whole(status, "application/json", Scripts.Fixture($"azure/{fixture}")));

        (await asking.FaultAsync()).Failure.Code.ShouldBe(code);
    }

    [Fact]
    public async Task An_answer_that_was_filtered_in_the_middle_is_none()
    {
        await using var stopped = await StartAsync(Scripts.Events(Scripts.Fixture("azure/stream-content-filter")));
        await using var failed = await StartAsync(Scripts.Events($"data: {Scripts.Fixture("azure/error-content-filter").ReplaceLineEndings("")}\n\n"));

        (await stopped.FaultAsync()).Failure.Code.ShouldBe("model-content-filter");
        (await failed.FaultAsync()).Failure.Code.ShouldBe("model-content-filter");
    }

    [Fact]
    public async Task An_older_filter_error_has_its_code_inside()
    {
        await using var asking = await StartAsync(Scripts.Whole(400, "application/json", """{"error":{"message":"filtered","code":null,"innererror":{"code":"ResponsibleAIPolicyViolation"}}}"""));

        (await asking.FaultAsync()).Failure.Code.ShouldBe("model-content-filter");
    }

    private static async Task<Asking> StartAsync(Script script, string? version = null)
    {
        var asking = await Asking.StartAsync(script);
        asking.Change(model => model with { Provider = "azure", BaseUrl = asking.Upstream.Address, ApiVersion = version });
        return asking;
    }
}

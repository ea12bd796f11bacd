using System.Text;
using System.Text.Json.Nodes;
using Headway.Features;
using Headway.Models;
using Headway.Upstream;

namespace Headway.Tests.Models.OpenAi;

public sealed class EmbeddingTests
{
    [Theory]
    [InlineData("openai", "embeddings", "/v1/embeddings")]
    [InlineData("openai", "embeddings-base64", "/v1/embeddings")]
    [InlineData("azure", "embeddings", "/openai/v1/embeddings")]
    public async Task Vectors_come_back_as_they_were_sent(string provider, string fixture, string path)
    {
        await using var asking = await StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture($"openai/{fixture}")));
        if (provider == "azure")
            asking.Change(model => model with { Provider = provider, BaseUrl = asking.Upstream.Address });

        var answer = await asking.AnswerAsync(Request("""{"model":"other","input":["heart","lung"],"encoding_format":"base64","dimensions":3,"x":0.10}"""));

        var call = asking.Upstream.Calls.ShouldHaveSingleItem();
        call.Path.ShouldBe(path);
        call.Headers["Accept"].ShouldBe("application/json");
        call.Body.ShouldBe("""{"model":"gpt-5-mini","input":["heart","lung"],"encoding_format":"base64","dimensions":3,"x":0.10}""");
        answer.IsJson.ShouldBeTrue();
        answer.Text.ShouldBe(Scripts.Fixture($"openai/{fixture}"));
        Encoding.UTF8.GetString(answer.Wire.Span).ShouldBe(answer.Text);
        answer.ProviderModel.ShouldBe("text-embedding-3-small");
        answer.Usage.ShouldBe(new Usage(8, 0, 8 * 0.25m / 1_000_000));
    }

    [Theory]
    [InlineData(200, """{"object":"list","data":[]}""", "model-empty-answer")]
    [InlineData(200, """{"object":"list"}""", "model-malformed")]
    [InlineData(200, """{"error":{"message":"slow down","code":429}}""", "model-rate-limited")]
    [InlineData(200, "", "model-empty-answer")]
    [InlineData(429, "{}", "model-rate-limited")]
    [InlineData(400, """{"error":{"message":"This model's maximum context length is 8192 tokens","type":"invalid_request_error","code":null}}""", "model-context-length")]
    public async Task Its_failures_are_those_of_a_chat(int status, string body, string code)
    {
        await using var asking = await StartAsync(Scripts.Whole(status, "application/json", body));

        (await asking.FaultAsync(Request("""{"input":"heart"}"""))).Failure.Code.ShouldBe(code);
    }

    [Fact]
    public async Task Without_a_word_on_what_was_used_the_sum_is_an_estimate()
    {
        await using var asking = await StartAsync(Scripts.Whole(200, "application/json", """{"object":"list","data":[{"object":"embedding","index":0,"embedding":[1]}]}"""));

        (await asking.AnswerAsync(Request("""{"input":["four","by 4"]}"""))).Usage.ShouldBe(new Usage(2, 0, 2 * 0.25m / 1_000_000) { Estimated = true });
    }

    [Fact]
    public async Task A_model_is_not_asked_for_what_it_does_not_make()
    {
        await using var asking = await StartAsync(Scripts.Silence());

        var chat = await asking.FaultAsync();
        asking.Change(model => model with { Kind = ModelKind.Chat });
        var embedding = await asking.FaultAsync(Request("""{"model":"fast","input":"heart"}"""));

        chat.Failure.Code.ShouldBe("model-kind");
        embedding.Failure.Code.ShouldBe("model-kind");
        embedding.Failure.Message.ShouldContain("makes no embeddings");
        asking.Upstream.Calls.ShouldBeEmpty();
    }

    private static ModelRequest Request(string body) => new() { Body = (JsonObject)JsonNode.Parse(body)!, KeepsWire = true };

    private static async Task<Asking> StartAsync(Script script)
    {
        var asking = await Asking.StartAsync(script);
        asking.Change(model => model with { Kind = ModelKind.Embedding });
        return asking;
    }
}

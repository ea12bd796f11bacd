using System.Net;
using System.Text.Json.Nodes;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.OpenAi;

/// <summary>Whatever a body says of its own size, no more can be asked for than was held back of a budget.</summary>
public sealed class BudgetByWireTests
{
    [Theory]
    [InlineData("\"max_tokens\":null", "\"max_tokens\":4096")]
    [InlineData("\"max_tokens\":7,\"max_completion_tokens\":null", "\"max_tokens\":7")]
    [InlineData("\"n\":null,\"max_tokens\":7", "\"max_tokens\":7")]
    public async Task What_is_null_is_not_said(string said, string sent)
    {
        var (status, body, _) = await AskAsync(said);

        status.ShouldBe(HttpStatusCode.OK);
        body.ShouldBe($$"""{"model":"gpt-5-mini","messages":[],{{sent}}}""");
    }

    [Theory]
    [InlineData("\"max_tokens\":-1", "max_tokens")]
    [InlineData("\"max_tokens\":0", "max_tokens")]
    [InlineData("\"max_tokens\":1e5", "max_tokens")]
    [InlineData("\"max_tokens\":100000.0", "max_tokens")]
    [InlineData("\"max_completion_tokens\":\"100000\"", "max_completion_tokens")]
    [InlineData("\"n\":2.0", "n")]
    [InlineData("\"n\":\"9\"", "n")]
    [InlineData("\"n\":1000,\"max_tokens\":1", "n")]
    public async Task What_cannot_be_counted_is_refused(string said, string name)
    {
        var (status, body, error) = await AskAsync(said);

        status.ShouldBe(HttpStatusCode.BadRequest);
        error!["code"]!.GetValue<string>().ShouldBe("input-invalid");
        error["message"]!.GetValue<string>().ShouldContain($"`{name}` must be a whole number above 0");
        body.ShouldBeNull();
    }

    [Theory]
    [InlineData("\"max_tokens\":1000000,\"max_completion_tokens\":1")]
    [InlineData("\"max_completion_tokens\":1000000,\"max_tokens\":1")]
    [InlineData("\"n\":128,\"max_tokens\":10000")]
    public async Task The_most_that_it_may_mean_is_held_back(string said)
    {
        var (status, body, error) = await AskAsync(said);

        status.ShouldBe(HttpStatusCode.TooManyRequests);
        error!["code"]!.GetValue<string>().ShouldBe("insufficient_quota");
        body.ShouldBeNull();
    }

    [Fact]
    public async Task A_long_text_is_no_picture_because_it_begins_like_one()
    {
        var (status, body, error) = await AskAsync($$"""
            "max_tokens":1,"user":"data:image/{{new string('a', 900_000)}}"
            """);

        status.ShouldBe(HttpStatusCode.TooManyRequests, error?.ToString());
        body.ShouldBeNull();
    }

    private static async Task<(HttpStatusCode Status, string? Sent, JsonNode? Error)> AskAsync(string said)
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));
        await using var host = await HeadwayHost.StartAsync($$"""
            models:
              fast: { provider: openai, baseUrl: "{{upstream.BaseUrl}}", model: gpt-5-mini, price: { input: 1, output: 1 }, expose: true, budget: { usdPerDay: 0.5 } }
            """);
        using var answer = await host.Http.PostAsync("/v1/chat/completions", new StringContent($$"""{"model":"fast","messages":[],{{said.Trim()}}}""", System.Text.Encoding.UTF8, "application/json"));
        return (answer.StatusCode, upstream.Calls.SingleOrDefault()?.Body, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["error"]);
    }
}

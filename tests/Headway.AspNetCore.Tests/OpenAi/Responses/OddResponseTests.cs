using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.OpenAi.Responses;

/// <summary>What nobody sends by accident is refused or served, and never an error of the server.</summary>
public sealed class OddResponseTests
{
    [Theory]
    [InlineData("/v1/responses", "fast")]
    [InlineData("/v1/responses", "claude")]
    [InlineData("/v1/responses/input_tokens", "fast")]
    public async Task A_body_as_deep_as_any_may_be_is_served(string path, string model)
    {
        await using var node = await StartAsync();
        for (var depth = 54; depth < 70; depth++)
        {
            var deep = string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth);
            using var answer = await node.PostAsync(path, $$"""{"model":"{{model}}","input":"?","tools":[{"type":"function","name":"f","parameters":{{deep}}}]}""");

            (await ReadAsync(answer)).ShouldBeOneOf("", "json-malformed", "input-invalid", "json-too-deep");
        }
    }

    [Theory]
    [InlineData("[1]")]
    [InlineData("[null]")]
    [InlineData("""["x"]""")]
    [InlineData("{}")]
    [InlineData("null")]
    [InlineData("""[{"type":"thinking","type":"thinking"}]""")]
    [InlineData("""[{"type":"thinking","thinking":"\ud800","signature":"x"}]""")]
    [InlineData("""[{"type":5}]""")]
    public async Task Thoughts_that_no_model_signed_do_no_harm(string blocks)
    {
        await using var node = await StartAsync();
        var text = "thinking." + Convert.ToBase64String(Encoding.UTF8.GetBytes(blocks));
        foreach (var (path, model) in new[] { ("/v1/responses", "fast"), ("/v1/responses", "claude"), ("/v1/responses", "note"), ("/v1/responses/input_tokens", "claude") })
        {
            using var answer = await node.PostAsync(path, $$"""{"model":"{{model}}","input":[{"type":"reasoning","summary":[],"encrypted_content":"{{text}}"},{"role":"user","content":"?"}]}""");

            (await ReadAsync(answer)).ShouldBeOneOf("", "json-malformed", "input-invalid");
        }
    }

    [Fact]
    public async Task Thoughts_as_deep_as_they_may_be_do_no_harm()
    {
        await using var node = await StartAsync();
        var text = "thinking." + Convert.ToBase64String(Encoding.UTF8.GetBytes(new string('[', 63) + new string(']', 63)));
        foreach (var (path, model) in new[] { ("/v1/responses", "fast"), ("/v1/responses", "claude"), ("/v1/responses", "note"), ("/v1/responses/input_tokens", "claude") })
        {
            using var answer = await node.PostAsync(path, $$"""{"model":"{{model}}","input":[{"type":"reasoning","summary":[],"encrypted_content":"{{text}}"},{"role":"user","content":"?"}]}""");

            (await ReadAsync(answer)).ShouldBeOneOf("", "json-malformed", "input-invalid");
        }
    }

    [Theory]
    [InlineData("""{"content":"\ud83d"}""", """{"content":"\ude00"}""")]
    [InlineData("""{"reasoning_content":"\ud83d"}""", """{"content":"a"}""")]
    [InlineData("""{"content":5}""", """{"content":["x",null,{"text":1}]}""")]
    [InlineData("""{"tool_calls":[null,5,{"index":"x","function":[]}]}""", """{"tool_calls":{}}""")]
    public async Task A_model_that_says_odd_things_ends_its_response_properly(string first, string second)
    {
        static string Chunk(string delta, string? finish = null) => $"data: {{\"id\":\"c\",\"object\":\"chat.completion.chunk\",\"model\":\"gpt-5-mini\",\"choices\":[{{\"index\":0,\"delta\":{delta},\"finish_reason\":{(finish is null ? "null" : $"\"{finish}\"")}}}]}}\n\n";
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Chunk(first) + Chunk(second) + Chunk("{}", "stop") + "data: [DONE]\n\n"));

        using var answer = await node.PostAsync("/v1/responses", """{"model":"fast","input":"?","stream":true}""", streams: true);
        var text = await answer.Content.ReadAsStringAsync();

        if (answer.IsSuccessStatusCode) text.ShouldEndWith("data: [DONE]\n\n");
        else JsonNode.Parse(text)!["error"]!["code"].Text().ShouldNotBe("internal-error");
        var id = $"resp_{answer.Headers.GetValues("Headway-Job").Single()["job_".Length..]}";
        using var shown = await node.Http.GetAsync($"/v1/responses/{id}");
        ((int)shown.StatusCode).ShouldBeLessThan(500, await shown.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("resp_%0000000000000000000000000000000")]
    [InlineData("resp_..%2f..%2fjobs")]
    [InlineData("%00")]
    [InlineData("resp_%F0%9F%98%80")]
    [InlineData("%ff%fe")]
    public async Task An_id_of_odd_characters_is_unknown(string id)
    {
        await using var node = await StartAsync();

        using var answer = await node.Http.GetAsync(new Uri(node.Http.BaseAddress!, $"/v1/responses/{id}"));

        ((int)answer.StatusCode).ShouldBeInRange(400, 404);
    }

    private static Task<OpenAiHost> StartAsync() => OpenAiHost.StartAsync(Scripts.ByPath(
        context => context.Request.Headers.Accept.ToString().Contains("event-stream", StringComparison.Ordinal)
            ? Scripts.Events(Scripts.Fixture("openai/stream"))(context)
            : Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole"))(context),
        Scripts.Whole(200, "application/json", Scripts.Fixture("anthropic/whole"))));

    /// <summary>The code of its error; empty: there is none.</summary>
    private static async Task<string> ReadAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        if (answer.StatusCode is HttpStatusCode.OK) return "";
        return JsonNode.Parse(text)!["error"]!["code"].Text();
    }
}

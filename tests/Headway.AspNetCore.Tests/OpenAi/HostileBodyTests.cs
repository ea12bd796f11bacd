using System.Net;
using System.Text.Json.Nodes;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.OpenAi;

/// <summary>Bodies that no honest client sends: each is the caller's fault, told as such, and none reaches a model.</summary>
public sealed class HostileBodyTests
{
    [Theory]
    [InlineData("/v1/chat/completions", """{"model":"fast","model":"kept","messages":[{"role":"user","content":"?"}]}""", "json-malformed")]
    [InlineData("/v1/chat/completions", """{"model":"fast","messages":[{"role":"user","content":"?","content":"!"}]}""", "json-malformed")]
    [InlineData("/v1/chat/completions", """{"model":"note","messages":[{"role":"user","content":"{\"note\":1,\"note\":2}"}],"x":1,"x":2}""", "json-malformed")]
    [InlineData("/v1/embeddings", """{"model":"vectors","input":"a","input":"b"}""", "json-malformed")]
    [InlineData("/v1/chat/completions", """{"model":"\ud83d","messages":[]}""", "json-malformed")]
    [InlineData("/v1/chat/completions", """{"model":"note","messages":[{"role":"user","content":"\ud83d"}]}""", "json-malformed")]
    [InlineData("/v1/chat/completions", """{"model":"note","messages":[{"role":"user","content":[{"type":"text","text":"\ud83d"}]}]}""", "json-malformed")]
    [InlineData("/v1/chat/completions", """{"model":"note","messages":[{"role":7,"content":"?"}]}""", "input-invalid")]
    [InlineData("/v1/chat/completions", """{"model":"note","messages":[{"role":"user","content":"?"}],"response_format":{"type":7}}""", "input-invalid")]
    [InlineData("/v1/chat/completions", """{"model":"note","messages":[{"role":"\ud83d","content":"?"},{"role":"user","content":"?"}]}""", "json-malformed")]
    [InlineData("/v1/chat/completions", """{"model":"vectors","input":"heart","stream":true}""", "mode-forbidden")]
    [InlineData("/v1/chat/completions", """{"model":"vectors","messages":[]}""", "mode-forbidden")]
    [InlineData("/v1/embeddings", """{"model":"fast","input":"heart","temperature":1}""", "mode-forbidden")]
    [InlineData("/v1/embeddings", """{"model":"fast","messages":[]}""", "mode-forbidden")]
    public async Task It_is_refused_in_the_form_of_the_API(string path, string body, string code)
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));

        using var answer = await node.PostAsync(path, body);

        var text = await answer.Content.ReadAsStringAsync();
        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest, text);
        var error = JsonNode.Parse(text)!["error"]!.AsObject();
        error.Select(member => member.Key).ShouldBe(["message", "type", "param", "code"]);
        error["code"]!.GetValue<string>().ShouldBe(code);
        answer.Headers.GetValues("x-should-retry").Single().ShouldBe("false");
        node.Upstream.Calls.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":"?","content":"!"}]}""")]
    [InlineData("""{"messages":[],"messages":[]}""")]
    [InlineData("""{"a":1,"a":2}""")]
    [InlineData("""{"\ud83d":1}""")]
    public async Task A_member_given_twice_is_the_callers_fault_also_where_a_model_is_called_as_a_feature(string body)
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));

        using var answer = await node.PostAsync("/v1/features/fast", body);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest, await answer.Content.ReadAsStringAsync());
        JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["code"]!.GetValue<string>().ShouldBe("input-invalid");
        node.Upstream.Calls.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("""{"model":"fast","messages":[{"role":"user","content":"\ud83d\ude00"}]}""")]
    [InlineData("""{"model":"fast","messages":"none","max_tokens":"many","n":"two","response_format":[]}""")]
    public async Task What_a_model_may_object_to_reaches_it_as_it_is(string body)
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));

        using var answer = await node.PostAsync("/v1/chat/completions", body);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync());
        node.Upstream.Calls.ShouldHaveSingleItem().Body.ShouldBe(body.Replace("\"fast\"", "\"gpt-5-mini\"", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"choices":[null]}""")]
    [InlineData("""{"id":"a","id":"b","choices":[{"index":0,"message":{"content":"a"},"delta":{"content":"a"},"finish_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"index":0,"message":{"content":"a","x":{"y":1,"y":2}},"delta":{"content":"a","x":{"y":1,"y":2}},"finish_reason":"stop"}]}""")]
    [InlineData("""{"choices":[{"index":0,"message":{"tool_calls":[{"id":"t","id":"u"}]},"delta":{"tool_calls":[{"id":"t","id":"u"}]},"finish_reason":"tool_calls"}]}""")]
    public async Task An_answer_that_can_be_read_in_two_ways_is_the_models_fault(string body)
    {
        foreach (var (path, asked) in new[] { ("/v1/chat/completions", "\"messages\":[{\"role\":\"user\",\"content\":\"?\"}]"), ("/v1/responses", "\"input\":\"?\"") })
        {
            foreach (var stream in new[] { "false", "true" })
            {
                // A node of its own for each: one that failed so often is left out.
                await using var node = await OpenAiHost.StartAsync(stream == "true" ? Scripts.Events($"data: {body}\n\ndata: [DONE]\n\n") : Scripts.Whole(200, "application/json", body));
                using var answer = await node.PostAsync(path, $$"""{"model":"fast",{{asked}},"stream":{{stream}}}""");

                var text = await answer.Content.ReadAsStringAsync();
                answer.StatusCode.ShouldBe(HttpStatusCode.BadGateway, text);
                text.ShouldContain("\"model-malformed\"");
            }
        }
    }
}

using System.Net;
using System.Text.Json.Nodes;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.OpenAi;

/// <summary>An exposed model, asked in the OpenAI API: what goes through, byte for byte, and what does not.</summary>
public sealed class ChatByWireTests
{
    private const string Ask = """{"model":"fast","messages":[{"role":"user","content":"Wie geht\u2019s? ü"}],"temperature":0.20,"x_unknown":{"kept":[1,2.50]}}""";

    [Fact]
    public async Task A_whole_answer_comes_back_as_it_was_sent()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));

        using var answer = await node.PostAsync("/v1/chat/completions", Ask);

        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await answer.Content.ReadAsStringAsync()).ShouldBe(Scripts.Fixture("openai/whole"));
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        answer.Headers.GetValues("Headway-Job").Single().ShouldStartWith("job_");
        answer.Headers.GetValues("Headway-Model").Single().ShouldBe("fast");
        answer.Headers.GetValues("Headway-Cost").Single().ShouldBe("0.00003575");
    }

    [Fact]
    public async Task Of_a_request_only_the_model_is_changed()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));

        using var answer = await node.PostAsync("/v1/chat/completions", Ask);

        node.Upstream.Calls.ShouldHaveSingleItem().Body.ShouldBe(Ask.Replace("\"fast\"", "\"gpt-5-mini\"", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Of_a_streamed_request_also_the_usage_is_asked_for()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));

        await node.EventsAsync("""{"model":"fast","messages":[],"stream":true,"stream_options":{"include_obfuscation":false},"x":1}""");

        node.Upstream.Calls.ShouldHaveSingleItem().Body
            .ShouldBe("""{"model":"gpt-5-mini","messages":[],"x":1,"stream":true,"stream_options":{"include_obfuscation":false,"include_usage":true}}""");
    }

    [Theory]
    [InlineData("stream")]
    [InlineData("stream-tools")]
    [InlineData("stream-reasoning")]
    [InlineData("stream-refusal")]
    [InlineData("stream-length")]
    public async Task Chunks_come_back_as_they_were_sent(string fixture)
    {
        var sent = Scripts.Fixture($"openai/{fixture}");
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(sent));

        var events = await node.EventsAsync("""{"model":"fast","messages":[],"stream":true,"stream_options":{"include_usage":true}}""");

        events.ShouldBe(sent.Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(entry => entry["data: ".Length..]));
    }

    [Fact]
    public async Task Usage_that_nobody_asked_for_is_recorded_and_not_sent()
    {
        var sent = Scripts.Fixture("openai/stream");
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(sent));

        var events = await node.EventsAsync("""{"model":"fast","messages":[],"stream":true}""");

        events.ShouldNotContain(entry => entry.Contains("\"choices\":[]", StringComparison.Ordinal));
        events[^1].ShouldBe("[DONE]");
        var costs = JsonNode.Parse(await node.Http.GetStringAsync("/v1/costs?by=model"))!;
        costs["costs"]![0]!["calls"]!.GetValue<int>().ShouldBe(1);
        costs["costs"]![0]!["cost"]!.GetValue<decimal>().ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task Claude_answers_in_the_same_form()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("anthropic/whole")), Scripts.Events(Scripts.Fixture("anthropic/stream")));

        using var whole = await node.PostAsync("/v1/chat/completions", """{"model":"claude","messages":[{"role":"user","content":"?"}]}""");
        var events = await node.EventsAsync("""{"model":"claude","messages":[{"role":"user","content":"?"}],"stream":true}""");

        var completion = JsonNode.Parse(await whole.Content.ReadAsStringAsync())!;
        completion["object"]!.GetValue<string>().ShouldBe("chat.completion");
        completion["choices"]![0]!["message"]!["content"]!.GetValue<string>().ShouldNotBeEmpty();
        events[^1].ShouldBe("[DONE]");
        string.Concat(events.SkipLast(1).Select(entry => JsonNode.Parse(entry)!["choices"]![0]?["delta"]?["content"]?.GetValue<string>())).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Embeddings_come_back_as_they_were_sent()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/embeddings")));

        using var answer = await node.PostAsync("/v1/embeddings", """{"model":"vectors","input":["heart","lung"],"user":"u"}""");

        (await answer.Content.ReadAsStringAsync()).ShouldBe(Scripts.Fixture("openai/embeddings"));
        node.Upstream.Calls.ShouldHaveSingleItem().Body.ShouldBe("""{"model":"text-embedding-3-small","input":["heart","lung"],"user":"u"}""");
    }

    [Fact]
    public async Task A_model_that_fails_before_its_first_chunk_is_an_error_with_a_status()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(400, "application/json", Scripts.Fixture("openai/error-context-length")));

        using var answer = await node.PostAsync("/v1/chat/completions", """{"model":"fast","messages":[],"stream":true}""");

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        var error = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["error"]!.AsObject();
        error.Select(member => member.Key).ShouldBe(["message", "type", "param", "code"]);
        error["code"]!.GetValue<string>().ShouldBe("context_length_exceeded");
        error["type"]!.GetValue<string>().ShouldBe("invalid_request_error");
        answer.Headers.GetValues("x-should-retry").Single().ShouldBe("false");
    }

    [Fact]
    public async Task A_stream_that_breaks_ends_with_an_error_and_never_as_if_it_were_whole()
    {
        var half = Scripts.Fixture("openai/stream").Before("metformin");
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(half));

        var events = await node.EventsAsync("""{"model":"fast","messages":[],"stream":true}""");

        events.ShouldNotContain("[DONE]");
        var last = JsonNode.Parse(events[^1])!;
        last["type"]!.GetValue<string>().ShouldBe("error");
        last["error"]!["code"]!.GetValue<string>().ShouldBe("model-answer-cut");
        last["code"]!.GetValue<string>().ShouldBe("model-answer-cut");
    }

    [Fact]
    public async Task Several_answers_at_once_go_through()
    {
        const string Two = """{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"},{"index":1,"message":{"role":"assistant","content":"b"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1,"completion_tokens":2,"total_tokens":3}}""";
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Two));

        using var answer = await node.PostAsync("/v1/chat/completions", """{"model":"fast","messages":[],"n":2}""");

        (await answer.Content.ReadAsStringAsync()).ShouldBe(Two);
    }

    [Fact]
    public async Task A_call_with_phi_is_audited_before_the_model_sees_it()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));

        using var answer = await node.PostAsync("/v1/chat/completions", """{"model":"kept","messages":[{"role":"user","content":"?"}]}""");

        var audit = await node.Http.GetStringAsync($"/v1/jobs/{answer.Headers.GetValues("Headway-Job").Single()}/audit");
        JsonNode.Parse(audit)!["events"]!.AsArray().Select(entry => entry!["action"]!.GetValue<string>()).ShouldBe(["opened", "served"]);
    }
}

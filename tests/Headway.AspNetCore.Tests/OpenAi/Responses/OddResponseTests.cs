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
    [InlineData("""{"content":"a"},"logprobs":{"content":[null]}""", """{"content":"b"},"logprobs":{"content":[5,"x"]}""")]
    [InlineData("""{"content":5}""", """{"content":["x",null,{"text":1}]}""")]
    [InlineData("""{"tool_calls":[null,5,{"index":"x","function":[]}]}""", """{"tool_calls":{}}""")]
    public async Task A_model_that_says_odd_things_ends_its_response_properly(string first, string second)
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Chunk(first) + Chunk(second) + Chunk("{}", "\"stop\"") + "data: [DONE]\n\n"));

        using var answer = await node.PostAsync("/v1/responses", """{"model":"fast","input":"?","stream":true}""", streams: true);
        var text = await answer.Content.ReadAsStringAsync();

        if (answer.IsSuccessStatusCode) text.ShouldEndWith("data: [DONE]\n\n");
        else JsonNode.Parse(text)!["error"]!["code"].Text().ShouldNotBe("internal-error");
        var id = $"resp_{answer.Headers.GetValues("Headway-Job").Single()["job_".Length..]}";
        using var shown = await node.Http.GetAsync($"/v1/responses/{id}");
        ((int)shown.StatusCode).ShouldBeLessThan(500, await shown.Content.ReadAsStringAsync());
    }

    [Theory]
    [InlineData("talk", "openai/stream", false)]
    [InlineData("note", "openai/stream", false)]
    [InlineData("fast", "openai/stream", false)]
    [InlineData("fast", "openai/stream-tools", false)]
    [InlineData("fast", "openai/stream-refusal", true)]
    [InlineData("fast", "openai/stream-content-filter", false)]
    [InlineData("fast", "openai/stream-length", true)]
    [InlineData("claude", "anthropic/stream-thinking", false)]
    [InlineData("claude", "anthropic/stream-thinking", true)]
    public async Task Events_are_the_same_when_they_are_read_again(string model, string fixture, bool background)
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture(fixture)));

        var first = await node.CreateEventsAsync($$"""{"model":"{{model}}","input":"?","stream":true,"background":{{(background ? "true" : "false")}},"service_tier":"flex"}""");
        var again = await node.GetEventsAsync($"/v1/responses/{ResponsesWire.IdOf(first[0]["response"]!)}?stream=true");

        again.Select(shown => shown.ToJsonString()).ShouldBe(first.Select(shown => shown.ToJsonString()));
    }

    [Fact]
    public async Task Events_of_a_stream_that_broke_are_the_same_when_they_are_read_again()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream").Before("metformin")));

        var first = await node.CreateEventsAsync("""{"model":"fast","input":"?","stream":true}""");
        var again = await node.GetEventsAsync($"/v1/responses/{ResponsesWire.IdOf(first[0]["response"]!)}?stream=true");

        again.Select(shown => shown.ToJsonString()).ShouldBe(first.Select(shown => shown.ToJsonString()));
    }

    [Fact]
    public async Task An_attempt_that_failed_before_it_showed_anything_leaves_the_ids_of_the_one_that_answered()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(503, "application/json", Scripts.Fixture("openai/error-overloaded")), Scripts.Events(Scripts.Fixture("openai/stream")));

        var events = await node.CreateEventsAsync("""{"model":"fast","input":"?","background":true,"stream":true}""");

        events[^1]["response"]!.ToJsonString().ShouldBe((await node.GetAsync($"/v1/responses/{ResponsesWire.IdOf(events[^1]["response"]!)}")).ToJsonString());
    }

    [Theory]
    [InlineData("fast", false)]
    // A sync call with sensitive data, and a stream, keep what they answered as any such call does.
    [InlineData("kept", false)]
    [InlineData("kept", true)]
    public async Task What_is_not_to_be_stored_is_not(string model, bool stream)
    {
        await using var node = await StartAsync();

        using var answer = await node.PostAsync("/v1/responses", $$"""{"model":"{{model}}","input":"?","store":false,"stream":{{(stream ? "true" : "false")}}}""");
        await answer.Content.ReadAsStringAsync();

        using var result = await node.Http.GetAsync($"/v1/jobs/{answer.Headers.GetValues("Headway-Job").Single()}/result");
        result.StatusCode.ShouldBe(model == "kept" ? HttpStatusCode.OK : HttpStatusCode.Gone);
        (await node.Host.Engine.RequestAsync(Headway.Access.Caller.Local, JobId.TryParse(answer.Headers.GetValues("Headway-Job").Single(), out var job) ? job : default)).ShouldBeNull();
    }

    [Fact]
    public async Task Calls_whose_pieces_are_mixed_end_with_what_is_stored()
    {
        var (first, second, third) = ("""{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"}}]}""",
            """{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]}""", """{"tool_calls":[{"index":0,"function":{"arguments":"}"}}]}""");
        await using var node = await OpenAiHost.StartAsync(Scripts.Events(Chunk(first) + Chunk(second) + Chunk(third) + Chunk("{}", "\"stop\"") + "data: [DONE]\n\n"));

        var events = await node.CreateEventsAsync("""{"model":"fast","input":"?","stream":true}""");

        events[^1]["response"]!["output"]!.ToJsonString().ShouldBe((await node.GetAsync($"/v1/responses/{ResponsesWire.IdOf(events[^1]["response"]!)}"))["output"]!.ToJsonString());
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

    [Fact]
    public async Task A_stream_that_is_deleted_while_it_is_read_ends_as_cancelled_and_leaves_nothing()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var stream = Scripts.Fixture("openai/stream");
        await using var node = await OpenAiHost.StartAsync(Scripts.StallAfter(stream.Before("metformin"), go.Task));
        using var asked = await node.PostAsync("/v1/responses", """{"model":"fast","input":"?","stream":true}""", streams: true);
        var id = asked.Headers.GetValues("Headway-Job").Single()["job_".Length..];

        using var deleted = await node.Http.DeleteAsync($"/v1/responses/resp_{id}");
        var text = await asked.Content.ReadAsStringAsync();
        go.SetResult();

        deleted.StatusCode.ShouldBe(HttpStatusCode.OK);
        text.ShouldContain("\"status\":\"cancelled\"");
        text.ShouldNotContain("event: response.completed");
        (await node.Http.GetStringAsync($"/v1/jobs/job_{id}/events")).ShouldNotContain("delta");
    }

    [Fact]
    public async Task A_dead_one_that_was_deleted_is_not_replayed()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(400, "application/json", Scripts.Fixture("openai/error-context-length")));
        var asked = await node.CreateEventsAsync("""{"model":"fast","input":"?","background":true,"stream":true}""");
        var id = ResponsesWire.IdOf(asked[0]["response"]!)["resp_".Length..];
        using var deleted = await node.Http.DeleteAsync($"/v1/responses/resp_{id}");

        using var replayed = await node.PostAsync($"/v1/jobs/job_{id}/replay", "{}");

        asked[^1]["type"].Text().ShouldBe("response.failed");
        deleted.StatusCode.ShouldBe(HttpStatusCode.OK);
        replayed.StatusCode.ShouldBe(HttpStatusCode.Gone);
    }

    [Fact]
    public async Task One_that_is_replayed_and_then_deleted_is_cancelled()
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(400, "application/json", Scripts.Fixture("openai/error-context-length")), Scripts.StallAfter("", go.Task));
        var asked = await node.CreateEventsAsync("""{"model":"fast","input":"?","background":true,"stream":true}""");
        var id = ResponsesWire.IdOf(asked[0]["response"]!)["resp_".Length..];
        using var replayed = await node.PostAsync($"/v1/jobs/job_{id}/replay", "{}");
        await node.Upstream.ArrivedAsync(2);

        using var deleted = await node.Http.DeleteAsync($"/v1/responses/resp_{id}");
        go.SetResult();

        deleted.StatusCode.ShouldBe(HttpStatusCode.OK);
        JsonNode.Parse(await node.Http.GetStringAsync($"/v1/jobs/job_{id}"))!["state"].Text().ShouldBe("cancelled");
    }

    [Fact]
    public async Task The_same_key_with_another_body_is_refused()
    {
        await using var node = await StartAsync();
        var answers = new List<HttpStatusCode>();
        foreach (var body in new[] { """{"model":"fast","input":"?"}""", """{"model":"fast","input":"!"}""", """{"model":"fast","input":"?","metadata":{"a":"b"}}""", """{"model":"fast","input":"?","store":false}""", """{"model":"fast","input":"?","background":true}""" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses") { Content = new StringContent(body, Encoding.UTF8, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")) };
            request.Headers.Add("Idempotency-Key", "k");
            using var answer = await node.Http.SendAsync(request);
            answers.Add(answer.StatusCode);
        }

        answers.ShouldBe([HttpStatusCode.OK, .. Enumerable.Repeat(answers[1], 4)]);
        answers[1].ShouldNotBe(HttpStatusCode.OK);
    }

    private static string Chunk(string delta, string finish = "null") =>
        $$$"""data: {"id":"c","object":"chat.completion.chunk","model":"gpt-5-mini","choices":[{"index":0,"delta":{{{delta}}},"finish_reason":{{{finish}}}}]}""" + "\n\n";

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

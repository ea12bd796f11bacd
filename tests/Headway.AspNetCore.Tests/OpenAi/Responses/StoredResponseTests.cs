using System.Net;
using System.Text.Json.Nodes;
using Headway.Jobs.Storage;
using Headway.Upstream;

namespace Headway.AspNetCore.Tests.OpenAi.Responses;

/// <summary>Responses are jobs: they are there as long as what was asked is.</summary>
public sealed class StoredResponseTests
{
    private const string Text = "The patient takes metformin 500 mg twice daily – well tolerated.";

    [Theory]
    [InlineData("fast")]
    [InlineData("kept")]
    [InlineData("note")]
    [InlineData("talk")]
    public async Task One_is_shown_as_it_was_answered(string model)
    {
        await using var node = await StartAsync(model is "note" or "talk");

        var answered = await node.CreateAsync($$"""{"model":"{{model}}","input":"?","user":"u1"}""");

        (await node.GetAsync($"/v1/responses/{ResponsesWire.IdOf(answered)}")).ToJsonString().ShouldBe(answered.ToJsonString());
    }

    [Fact]
    public async Task One_that_was_given_from_the_cache_is_shown_like_any_other()
    {
        await using var node = await OpenAiHost.StartAsync(
            "again: { contract: { mode: sync, caller: waits }, handler: { prompt: note.hbs, models: [fast] }, cache: { for: 10m }, timeout: 10s }", Scripts.Events(Scripts.Fixture("openai/stream")));
        var made = await node.CreateAsync("""{"model":"again","input":"?"}""");

        var given = await node.CreateAsync("""{"model":"again","input":"?"}""");

        node.Upstream.Calls.Count.ShouldBe(1);
        given["id"].Text().ShouldNotBe(made["id"].Text());
        (await node.GetAsync($"/v1/responses/{ResponsesWire.IdOf(given)}")).ToJsonString().ShouldBe(given.ToJsonString());
        given["output"]![0]!["content"]![0]!["text"].Text().ShouldBe(Text);
    }

    [Fact]
    public async Task One_that_was_deleted_is_not_given_again()
    {
        await using var node = await OpenAiHost.StartAsync(
            "again: { contract: { mode: sync, caller: waits }, handler: { prompt: note.hbs, models: [fast] }, cache: { for: 10m }, timeout: 10s }", Scripts.Events(Scripts.Fixture("openai/stream")));
        var made = await node.CreateAsync("""{"model":"again","input":"?"}""");

        using var deleted = await node.Http.DeleteAsync($"/v1/responses/{ResponsesWire.IdOf(made)}");
        await node.CreateAsync("""{"model":"again","input":"?"}""");

        deleted.StatusCode.ShouldBe(HttpStatusCode.OK);
        node.Upstream.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task Showing_one_is_a_delivery()
    {
        await using var node = await StartAsync();
        var id = ResponsesWire.IdOf(await node.CreateAsync("""{"model":"kept","input":"?"}"""));

        await node.GetAsync($"/v1/responses/{id}");

        (await node.ActionsOfAsync(id)).ShouldBe(["opened", "served", "delivered"]);
    }

    [Theory]
    [InlineData("fast", "false")]
    [InlineData("fast", "true")]
    [InlineData("note", "false")]
    public async Task One_that_is_not_to_be_stored_cannot_be_shown(string model, string stream)
    {
        await using var node = await StartAsync(streams: model == "note" || stream == "true");

        using var answer = await node.PostAsync("/v1/responses", $$"""{"model":"{{model}}","input":"?","store":false,"stream":{{stream}}}""");

        var id = $"resp_{answer.Headers.GetValues("Headway-Job").Single()["job_".Length..]}";
        await answer.Content.ReadAsStringAsync();
        await ShouldBeUnknownAsync(node, $"/v1/responses/{id}");
        await ShouldBeUnknownAsync(node, $"/v1/responses/{id}/input_items");
    }

    [Theory]
    [InlineData("resp_00000000000000000000000000000000")]
    [InlineData("resp_x")]
    [InlineData("job_00000000000000000000000000000000")]
    public async Task One_that_never_was_is_unknown(string id)
    {
        await using var node = await StartAsync();

        await ShouldBeUnknownAsync(node, $"/v1/responses/{id}");
    }

    [Fact]
    public async Task A_job_that_no_response_was_asked_of_is_none()
    {
        await using var node = await StartAsync();
        using var chat = await node.PostAsync("/v1/chat/completions", """{"model":"fast","messages":[]}""");

        await ShouldBeUnknownAsync(node, $"/v1/responses/resp_{chat.Headers.GetValues("Headway-Job").Single()["job_".Length..]}");
    }

    [Fact]
    public async Task One_that_was_deleted_is_gone_with_all_that_was_said()
    {
        await using var node = await StartAsync();
        var id = ResponsesWire.IdOf(await node.CreateAsync("""{"model":"fast","input":"?"}"""));

        using var deleted = await node.Http.DeleteAsync($"/v1/responses/{id}");

        JsonNode.Parse(await deleted.Content.ReadAsStringAsync())!.ToJsonString().ShouldBe($$"""{"id":"{{id}}","object":"response","deleted":true}""");
        await ShouldBeUnknownAsync(node, $"/v1/responses/{id}");
        await ShouldBeUnknownAsync(node, $"/v1/responses/{id}?stream=true");
        (await node.ActionsOfAsync(id)).ShouldBe(["served", "erased"]);
        using var result = await node.Http.GetAsync($"/v1/jobs/job_{id["resp_".Length..]}/result");
        result.StatusCode.ShouldBe(HttpStatusCode.Gone);
        using var again = await node.Http.DeleteAsync($"/v1/responses/{id}");
        again.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        using var onward = await node.PostAsync("/v1/responses", $$"""{"model":"fast","input":"?","previous_response_id":"{{id}}"}""");
        (await onward.ErrorOfAsync())["code"].Text().ShouldBe("previous_response_not_found");
    }

    [Fact]
    public async Task A_conversation_goes_on_from_what_is_stored()
    {
        await using var node = await StartAsync();
        var first = ResponsesWire.IdOf(await node.CreateAsync("""{"model":"fast","input":"One.","instructions":"Be brief."}"""));
        var second = ResponsesWire.IdOf(await node.CreateAsync($$"""{"model":"fast","input":"Two.","previous_response_id":"{{first}}"}"""));

        var third = await node.CreateAsync($$"""{"model":"fast","input":[{"role":"user","content":"Three."}],"instructions":"In verse.","previous_response_id":"{{second}}"}""");

        third["previous_response_id"].Text().ShouldBe(second);
        JsonNode.Parse(node.Upstream.Calls[2].Body)!["messages"]!.AsArray().Select(turn => $"{turn!["role"].Text()}: {turn["content"].Text()}").ShouldBe(
            ["system: In verse.", "user: One.", $"assistant: {Text}", "user: Two.", $"assistant: {Text}", "user: Three."]);
    }

    [Fact]
    public async Task A_chain_with_a_deleted_link_says_which()
    {
        await using var node = await StartAsync();
        var first = ResponsesWire.IdOf(await node.CreateAsync("""{"model":"fast","input":"One."}"""));
        var second = ResponsesWire.IdOf(await node.CreateAsync($$"""{"model":"fast","input":"Two.","previous_response_id":"{{first}}"}"""));
        using var deleted = await node.Http.DeleteAsync($"/v1/responses/{first}");

        using var answer = await node.PostAsync("/v1/responses", $$"""{"model":"fast","input":"?","previous_response_id":"{{second}}"}""");

        var error = await answer.ErrorOfAsync();
        error["code"].Text().ShouldBe("previous_response_not_found");
        error["message"].Text().ShouldContain($"{second} goes on from \"{first}\"");
    }

    [Fact]
    public async Task Calls_of_tools_and_their_outputs_go_on()
    {
        await using var node = await OpenAiHost.StartAsync(
            Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole-tools")), Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));
        var first = await node.CreateAsync("""{"model":"fast","input":"?","tools":[{"type":"function","name":"find_drug"}]}""");
        var calls = first["output"]!.AsArray().Select(item => item!["call_id"].Text()).ToList();
        var outputs = string.Join(',', calls.Select(call => $$"""{"type":"function_call_output","call_id":"{{call}}","output":"500 mg"}"""));

        await node.CreateAsync($$"""{"model":"fast","input":[{{outputs}}],"previous_response_id":"{{ResponsesWire.IdOf(first)}}"}""");

        var turns = JsonNode.Parse(node.Upstream.Calls[1].Body)!["messages"]!.AsArray();
        turns.Select(turn => turn!["role"].Text()).ShouldBe(["user", "assistant", .. calls.Select(_ => "tool")]);
        turns[1]!["tool_calls"]!.AsArray().Select(call => call!["id"].Text()).ShouldBe(calls);
        turns[2]!["content"].Text().ShouldBe("500 mg");
    }

    [Fact]
    public async Task What_Claude_thought_is_told_to_it_again()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(200, "application/json", Scripts.Fixture("anthropic/whole-thinking")));
        var first = await node.CreateAsync("""{"model":"claude","input":"?"}""");

        await node.CreateAsync($$"""{"model":"claude","input":"And?","previous_response_id":"{{ResponsesWire.IdOf(first)}}"}""");

        first["output"]![0]!["encrypted_content"].ShouldBeNull();
        var turn = JsonNode.Parse(node.Upstream.Calls[1].Body)!["messages"]![1]!;
        turn["content"]![0]!["type"].Text().ShouldBe("thinking");
        turn["content"]![0]!["signature"].Text().ShouldNotBeEmpty();
    }

    [Fact]
    public async Task What_Claude_thought_is_told_to_no_other_model()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.ByPath(
            Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")), Scripts.Whole(200, "application/json", Scripts.Fixture("anthropic/whole-thinking"))));
        var first = await node.CreateAsync("""{"model":"claude","input":"?"}""");

        await node.CreateAsync($$"""{"model":"fast","input":"And?","previous_response_id":"{{ResponsesWire.IdOf(first)}}"}""");

        JsonNode.Parse(node.Upstream.Calls[1].Body)!["messages"]![1]!.AsObject().Select(member => member.Key).ShouldBe(["role", "content"], ignoreOrder: true);
    }

    [Fact]
    public async Task What_stands_before_one_is_held_against_the_limit_with_all_its_items()
    {
        await using var node = await OpenAiHost.StartAsync(
            "small: { contract: { mode: sync, caller: waits, acceptableWait: 20s }, handler: { prompt: note.hbs, models: [fast] }, maxInput: 20KiB, timeout: 10s, fallback: none }",
            Scripts.Events(Scripts.Fixture("openai/stream")));
        // Not told to the model, and kept all the same.
        var thought = $$"""{"type":"reasoning","summary":[{"type":"summary_text","text":"{{new string('x', 9000)}}"}]}""";
        string Ask(string? previous) => $$"""{"model":"small","input":[{{thought}},{"role":"user","content":"?"}],"previous_response_id":{{(previous is null ? "null" : $"\"{previous}\"")}}}""";
        var first = ResponsesWire.IdOf(await node.CreateAsync(Ask(null)));
        var second = ResponsesWire.IdOf(await node.CreateAsync(Ask(first)));
        var third = ResponsesWire.IdOf(await node.CreateAsync(Ask(second)));

        using var answer = await node.PostAsync("/v1/responses", Ask(third));

        var error = await answer.ErrorOfAsync();
        error["param"].Text().ShouldBe("previous_response_id");
        error["message"].Text().ShouldContain("longer than the input may be");
    }

    [Fact]
    public async Task A_stream_of_the_background_that_was_deleted_is_not_shown_as_completed()
    {
        await using var node = await StartAsync(streams: true);
        const string Ask = """{"model":"fast","input":"?","background":true,"stream":true}""";
        using var first = await PostWithKeyAsync(node, Ask);
        (await first.Content.ReadAsStringAsync()).ShouldContain("response.completed");
        using var deleted = await node.Http.DeleteAsync($"/v1/responses/resp_{first.Headers.GetValues("Headway-Job").Single()["job_".Length..]}");

        using var again = await PostWithKeyAsync(node, Ask);

        again.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await again.ErrorOfAsync())["code"].Text().ShouldBe("response_not_found");
    }

    [Fact]
    public async Task Showing_what_a_failed_one_was_asked_is_a_delivery()
    {
        await using var node = await OpenAiHost.StartAsync(Scripts.Whole(400, "application/json", Scripts.Fixture("openai/error-context-length")));
        using var failed = await node.PostAsync("/v1/responses", """{"model":"kept","input":"?","instructions":"She is Ann."}""");
        var id = $"resp_{failed.Headers.GetValues("Headway-Job").Single()["job_".Length..]}";

        (await node.GetAsync($"/v1/responses/{id}"))["instructions"].Text().ShouldBe("She is Ann.");

        (await node.ActionsOfAsync(id)).Last().ShouldBe("delivered");
        (await node.GetEventsAsync($"/v1/responses/{id}?stream=true"))[0]["response"]!["instructions"].Text().ShouldBe("She is Ann.");
        (await node.ActionsOfAsync(id)).Count(action => action == "delivered").ShouldBe(2);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?stream=true")]
    public async Task Showing_one_that_is_under_way_shows_what_it_was_asked_and_is_a_delivery(string query)
    {
        var go = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var node = await OpenAiHost.StartAsync(Scripts.StallAfter("", go.Task));
        var id = ResponsesWire.IdOf(await node.CreateAsync("""{"model":"kept","input":"?","instructions":"About Mrs M.","background":true}"""));
        await node.Upstream.ArrivedAsync(1);
        var before = await node.ActionsOfAsync(id);

        using var shown = await node.Http.GetAsync($"/v1/responses/{id}{query}", HttpCompletionOption.ResponseHeadersRead);

        before.ShouldNotContain("delivered");
        shown.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await node.ActionsOfAsync(id)).Count(action => action == "delivered").ShouldBe(1);
        go.SetResult();
    }

    [Fact]
    public async Task Another_tenant_knows_nothing_of_it()
    {
        await using var node = await StartAsync();
        var id = ResponsesWire.IdOf(await node.CreateAsync("""{"model":"fast","input":"?"}"""));
        JobId.TryParse($"job_{id["resp_".Length..]}", out var job).ShouldBeTrue();

        (await node.Host.Engine.RequestAsync(Headway.Access.Caller.Local, job)).ShouldNotBeNull();
        var other = Headway.Access.Caller.Local with { Tenant = "other" };
        (await node.Host.Engine.RequestAsync(other, job)).ShouldBeNull();
        node.Host.Engine.ResultToGoOnFrom(other, job).ShouldBeNull();
        (await node.Host.Engine.ForgetAsync(other, job)).ShouldBe(Forgotten.Nothing);
    }

    [Fact]
    public async Task Sensitive_data_does_not_go_on_where_it_is_not_declared()
    {
        await using var node = await StartAsync();
        var phi = ResponsesWire.IdOf(await node.CreateAsync("""{"model":"kept","input":"?"}"""));
        var plain = ResponsesWire.IdOf(await node.CreateAsync("""{"model":"fast","input":"?"}"""));

        using var refused = await node.PostAsync("/v1/responses", $$"""{"model":"fast","input":"?","previous_response_id":"{{phi}}"}""");
        var taken = await node.CreateAsync($$"""{"model":"kept","input":"?","previous_response_id":"{{plain}}"}""");

        (await refused.ErrorOfAsync())["message"].Text().ShouldContain("holds phi data, and fast is declared for internal data");
        taken["status"].Text().ShouldBe("completed");
        node.Upstream.Calls.Count.ShouldBe(3);
    }

    private static Task<HttpResponseMessage> PostWithKeyAsync(OpenAiHost node, string body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, "/v1/responses") { Content = new StringContent(body, System.Text.Encoding.UTF8, new System.Net.Http.Headers.MediaTypeHeaderValue("application/json")) };
        request.Headers.Add("Idempotency-Key", "k3");
        return node.Http.SendAsync(request);
    }

    private static Task<OpenAiHost> StartAsync(bool streams = false) => OpenAiHost.StartAsync(
        streams ? Scripts.Events(Scripts.Fixture("openai/stream")) : Scripts.Whole(200, "application/json", Scripts.Fixture("openai/whole")));

    private static async Task ShouldBeUnknownAsync(OpenAiHost node, string path)
    {
        using var answer = await node.Http.GetAsync(path);
        answer.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await answer.ErrorOfAsync())["code"].Text().ShouldBe("response_not_found");
    }
}

using System.Text;
using System.Text.Json.Nodes;
using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Upstream;

namespace Headway.Tests.Jobs;

/// <summary>Tools of a real MCP server through the whole engine, asked for by models that speak either API.</summary>
public sealed class A_model_calls_tools
{
    private static readonly Dictionary<string, string> Files = new()
    {
        ["prompts/ask.hbs"] = "{{question}}",
        ["schemas/answer.json"] = """{"type":"object","additionalProperties":false,"required":["citations"],"properties":{"citations":{"type":"array","items":{"type":"string"}}}}""",
    };

    [Theory]
    [InlineData("openai", "stream-tools", "stream")]
    [InlineData("openai", "whole-tools", "whole")]
    [InlineData("anthropic", "stream-tools", "stream")]
    [InlineData("anthropic", "whole-tools", "whole")]
    public async Task They_are_carried_out_and_told_to_it_until_it_answers(string api, string first, string last)
    {
        await using var drugs = await ToolUpstream.StartAsync(Drugs);
        await using var upstream = await ModelUpstream.StartAsync(Plays(api, first), Plays(api, last));
        await using var node = await StartAsync(upstream, drugs, api);

        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("later", """{"question":"Metformin?"}"""))).Id);

        job.State.ShouldBe(JobState.Succeeded, job.Error?.Message);
        (await node.ResultOfAsync(job.Id)).ShouldContain("metformin 500 mg");
        Said(upstream.Calls[0])[0].ShouldBe("user: Metformin?");
        upstream.Calls[0].Body.ShouldContain("Says what find_drug says.");
        drugs.Calls.Select(call => $"{call.Name} {call.Arguments.ToJsonString()}").ShouldContain("""find_drug {"name":"metformin"}""");
        Said(upstream.Calls[1]).ShouldContain("tool: known: metformin");
    }

    [Fact]
    public async Task Each_round_is_paid_and_each_call_of_a_tool_is_disclosed()
    {
        await using var drugs = await ToolUpstream.StartAsync(Drugs);
        await using var upstream = await ModelUpstream.StartAsync(Plays("openai", "stream-tools"), Plays("openai", "stream"));
        await using var node = await StartAsync(upstream, drugs);

        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("later", """{"question":"Metformin?"}"""))).Id);

        var attempt = (await node.Engine.AttemptsAsync(Caller.Local, job.Id)).ShouldHaveSingleItem();
        attempt.Calls.Select(call => call.Model).ShouldBe(["fast", "fast"]);
        attempt.Calls.ShouldAllBe(call => call.Usage.InputTokens > 0 && call.Usage.Usd > 0);
        job.Usage.InputTokens.ShouldBe(attempt.Calls.Sum(call => call.Usage.InputTokens));
        var told = (await node.Engine.AuditAsync(Caller.Local, job.Id)).Where(entry => entry.Action == "disclosed").Select(entry => $"{entry.Purpose} {entry.Recipient}").ToArray();
        told.Order().ShouldBe(["mcp drugs/find_dose", "mcp drugs/find_drug", "openai fast", "openai fast"]);
        told[0].ShouldBe("openai fast");
    }

    [Fact]
    public async Task A_stream_shows_what_is_said_before_and_after_a_call_and_that_is_the_result()
    {
        await using var drugs = await ToolUpstream.StartAsync(Drugs);
        await using var upstream = await ModelUpstream.StartAsync(Plays("anthropic", "stream-tools"), Plays("anthropic", "stream"));
        await using var node = await StartAsync(upstream, drugs, "anthropic");

        var job = (await node.CallAsync("shown", """{"question":"Metformin?"}""")).ShouldBeOfType<Answer.Streaming>().Job;
        var events = await node.EventsOfAsync(job.Id);

        events[^1].Kind.ShouldBe("end");
        var shown = string.Concat(events.SkipLast(1).Select(entry => JsonNode.Parse(entry.Data.Span)!["text"]!.GetValue<string>()));
        shown.ShouldStartWith("I'll look that up.\n\n");
        shown.ShouldContain("metformin 500 mg");
        (await node.ResultOfAsync(job.Id)).ShouldBe(shown);
    }

    [Theory]
    [InlineData("held", "")]
    [InlineData("shown", "I'll look that up.")]
    public async Task A_stream_that_is_held_shows_nothing_before_the_last_round_stands(string feature, string shown)
    {
        await using var drugs = await ToolUpstream.StartAsync(Drugs);
        await using var upstream = await ModelUpstream.StartAsync(
            Plays("anthropic", "stream-tools"), Scripts.Whole(400, "application/json", Scripts.Fixture("anthropic/error-prefill")));
        await using var node = await StartAsync(upstream, drugs, "anthropic");

        var job = (await node.CallAsync(feature, """{"question":"Metformin?"}""")).ShouldBeOfType<Answer.Streaming>().Job;
        var events = await node.EventsOfAsync(job.Id);

        Encoding.UTF8.GetString(events[^1].Data.Span).ShouldContain("model-bad-request");
        string.Concat(events.SkipLast(1).Select(entry => JsonNode.Parse(entry.Data.Span)!["text"]!.GetValue<string>())).ShouldBe(shown);
    }

    [Fact]
    public async Task A_held_stream_is_shown_whole()
    {
        await using var drugs = await ToolUpstream.StartAsync(Drugs);
        await using var upstream = await ModelUpstream.StartAsync(Plays("anthropic", "stream-tools"), Plays("anthropic", "stream"));
        await using var node = await StartAsync(upstream, drugs, "anthropic");

        var job = (await node.CallAsync("held", """{"question":"Metformin?"}""")).ShouldBeOfType<Answer.Streaming>().Job;
        var events = await node.EventsOfAsync(job.Id);

        events[^1].Kind.ShouldBe("end");
        var shown = string.Concat(events.SkipLast(1).Select(entry => JsonNode.Parse(entry.Data.Span)!["text"]!.GetValue<string>()));
        shown.ShouldStartWith("I'll look that up.\n\n");
        shown.ShouldBe(await node.ResultOfAsync(job.Id));
    }

    [Fact]
    public async Task Another_model_goes_on_with_the_conversation_when_one_fails_between_rounds()
    {
        await using var drugs = await ToolUpstream.StartAsync(Drugs);
        await using var upstream = await ModelUpstream.StartAsync(
            Plays("anthropic", "stream-tools"), Scripts.Whole(503, "application/json", """{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"""), Plays("openai", "stream"));
        await using var node = await StartAsync(upstream, drugs, "anthropic", models: "[fast, other]");

        var job = (await node.CallAsync("shown", """{"question":"Metformin?"}""")).ShouldBeOfType<Answer.Streaming>().Job;
        await node.EventsOfAsync(job.Id);

        (await node.ResultOfAsync(job.Id)).ShouldContain("metformin 500 mg");
        upstream.Calls.Select(call => call.Path).ShouldBe(["/v1/messages", "/v1/messages", "/v1/chat/completions"]);
        Said(upstream.Calls[2]).ShouldBe(["user: Metformin?", "assistant: I'll look that up. find_drug find_dose", "tool: known: metformin", "tool: 500 mg"]);
        drugs.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task The_last_answer_is_checked_like_any_other_and_cites_the_input_not_the_tools()
    {
        await using var drugs = await ToolUpstream.StartAsync(Drugs);
        await using var upstream = await ModelUpstream.StartAsync(
            Plays("openai", "stream-tools"), Answers("""{"citations":["known: metformin"]}"""), Answers("""{"citations":["Metformin?"]}"""));
        await using var node = await StartAsync(upstream, drugs);

        var done = (await node.CallAsync("cited", """{"question":"Metformin?"}""")).ShouldBeOfType<Answer.Done>();

        Node.Text(done.Result).ShouldBe("""{"citations":["Metformin?"]}""");
        Said(upstream.Calls[2])[^1].ShouldContain("$.citations[0] is not in the input");
        drugs.Calls.Count.ShouldBe(2);
    }

    [Fact]
    public async Task What_is_wrong_with_a_call_is_told_to_the_model_and_nothing_is_called()
    {
        await using var drugs = await ToolUpstream.StartAsync([.. Drugs, ToolScript.Says("broken", _ => "no such patient", isError: true), new ToolScript("absent", _ => throw new InvalidOperationException("down"))]);
        await using var upstream = await ModelUpstream.StartAsync(
            Calls(("find_drugs", "{}"), ("find_drug", "{\"name\": metf"), ("find_drug", "[1]"), ("broken", "")), Plays("openai", "stream"));
        await using var node = await StartAsync(upstream, drugs);

        (await node.EndOfAsync((await node.AcceptedAsync(node.Call("later", """{"question":"?"}"""))).Id)).State.ShouldBe(JobState.Succeeded);

        var said = Said(upstream.Calls[1]);
        said[^4].ShouldStartWith("tool: The tool failed: there is no tool 'find_drugs'. The tools are: find_drug, find_dose");
        said[^3].ShouldStartWith("tool: The tool failed: its arguments are no JSON object");
        said[^2].ShouldBe(said[^3]);
        said[^1].ShouldBe("tool: The tool failed: no such patient");
        drugs.Calls.ShouldHaveSingleItem().Name.ShouldBe("broken");
        // What no API could read is not sent back.
        JsonNode.Parse(upstream.Calls[1].Body)!["messages"]![1]!["tool_calls"]!.AsArray().Select(call => call!["function"]!["arguments"]!.GetValue<string>()).ShouldBe(["{}", "{}", "{}", "{}"]);
    }

    [Fact]
    public async Task A_model_that_never_stops_calling_is_stopped_with_a_code()
    {
        await using var drugs = await ToolUpstream.StartAsync(Drugs);
        await using var upstream = await ModelUpstream.StartAsync(Calls(("find_dose", "{}")));
        await using var node = await StartAsync(upstream, drugs);

        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("later", """{"question":"?"}"""))).Id);

        (job.State, job.Error!.Code).ShouldBe((JobState.Dead, "tool-rounds-exhausted"));
        job.Error.Message.ShouldContain("raise toolRounds");
        (upstream.Calls.Count, drugs.Calls.Count).ShouldBe((4, 3));
    }

    [Fact]
    public async Task The_same_call_of_another_attempt_has_the_same_key_and_a_second_one_has_not()
    {
        await using var drugs = await ToolUpstream.StartAsync(Drugs);
        await using var upstream = await ModelUpstream.StartAsync(
            Calls(("find_drug", """{"name":"a","of":{"x":1,"y":2}}"""), ("find_drug", """{"name":"b"}""")), Calls(("find_drug", """{"name":"b"}""")), Scripts.Whole(500, "application/json", "{}"), Scripts.Whole(500, "application/json", "{}"), Scripts.Whole(500, "application/json", "{}"),
            Calls(("find_drug", """{ "of": {"y":2,"x":1}, "name": "a"}""")), Plays("openai", "stream"));
        await using var node = await StartAsync(upstream, drugs);

        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("later", """{"question":"?"}"""))).Id);

        (job.State, job.Attempt).ShouldBe((JobState.Succeeded, 2));
        var keys = drugs.Calls.Take(2).OrderBy(call => call.Arguments["name"]!.GetValue<string>(), StringComparer.Ordinal).Concat(drugs.Calls.Skip(2)).Select(call => call.Key).ToArray();
        keys.ShouldAllBe(key => key.StartsWith(job.Id.ToString(), StringComparison.Ordinal));
        keys[3].ShouldBe(keys[0]);
        keys.Take(3).Distinct().Count().ShouldBe(3);
        drugs.Calls.Select(call => call.Meta["headway/attempt"]!.GetValue<int>()).ShouldBe([1, 1, 1, 2]);
    }

    [Fact]
    public async Task A_server_that_is_not_there_fails_the_attempt_before_any_model_is_paid()
    {
        var drugs = await ToolUpstream.StartAsync(Drugs);
        await using var upstream = await ModelUpstream.StartAsync(Plays("openai", "stream"));
        await using var node = await StartAsync(upstream, drugs);
        await drugs.DisposeAsync();

        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("later", """{"question":"?"}"""))).Id);

        (job.State, job.Error!.Code, job.Attempt).ShouldBe((JobState.Dead, "tool-unavailable", 2));
        job.Error.Message.ShouldStartWith("The tool server 'drugs' could not be reached");
        upstream.Calls.ShouldBeEmpty();
    }

    private static ToolScript[] Drugs =>
    [
        ToolScript.Says("find_drug", call => $"known: {call.Arguments["name"]}"),
        ToolScript.Says("find_dose", _ => "500 mg"),
    ];

    private static Task<Node> StartAsync(ModelUpstream upstream, ToolUpstream tools, string api = "openai", string models = "[fast]") => Node.StartAsync($$"""
        toolServers:
          drugs: { mcp: "{{tools.Url}}" }
        models:
          fast: { provider: {{api}}, baseUrl: "{{upstream.BaseUrl}}", apiKey: sk-1, model: claude-sonnet-5, price: { input: 3, output: 15 } }
          other: { provider: openai, baseUrl: "{{upstream.BaseUrl}}", model: gpt }
        defaults: { timeout: 20s }
        features:
          later: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, retry: { attempts: 2, backoff: 1ms..1ms }, handler: { prompt: prompts/ask.hbs, models: {{models}}, tools: [drugs], toolRounds: 3 } }
          shown: { contract: { mode: stream, caller: converses, output: prose }, handler: { prompt: prompts/ask.hbs, models: {{models}}, tools: [drugs] } }
          held: { contract: { mode: stream, caller: converses, output: prose }, handler: { prompt: prompts/ask.hbs, models: {{models}}, tools: [drugs], stream: hold } }
          cited: { contract: { mode: sync, caller: waits, output: structured }, handler: { prompt: prompts/ask.hbs, models: {{models}}, tools: [drugs], output: schemas/answer.json, citations: true } }
        """, _ => { }, files: Files);

    private static Script Plays(string api, string fixture) => fixture.StartsWith("whole", StringComparison.Ordinal)
        ? Scripts.Whole(200, "application/json", Scripts.Fixture($"{api}/{fixture}"))
        : Scripts.Events(Scripts.Fixture($"{api}/{fixture}"));

    private static Script Answers(string text) => Completion(new JsonObject { ["role"] = "assistant", ["content"] = text }, "stop");

    private static Script Calls(params (string Name, string Arguments)[] calls) => Completion(new JsonObject
    {
        ["role"] = "assistant",
        ["tool_calls"] = new JsonArray([.. calls.Select((call, i) => new JsonObject { ["id"] = $"c{i}", ["type"] = "function", ["function"] = new JsonObject { ["name"] = call.Name, ["arguments"] = call.Arguments } })]),
    }, "tool_calls");

    private static Script Completion(JsonObject message, string finish) => Scripts.Whole(200, "application/json", new JsonObject
    {
        ["id"] = "c",
        ["object"] = "chat.completion",
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = message, ["finish_reason"] = finish }),
        ["usage"] = new JsonObject { ["prompt_tokens"] = 10, ["completion_tokens"] = 5 },
    }.ToJsonString());

    /// <summary>The turns of a request in either API, each as its role, its text, and the tools it calls.</summary>
    private static string[] Said(UpstreamCall call) => [.. JsonNode.Parse(call.Body)!["messages"]!.AsArray().SelectMany(turn => turn!["content"] is JsonArray blocks && turn["role"]!.GetValue<string>() == "user" && blocks[0]!["type"]!.GetValue<string>() == "tool_result"
        ? blocks.Select(block => $"tool: {block!["content"]}")
        : [Turn(turn)])];

    private static string Turn(JsonNode turn)
    {
        var text = turn["content"] is JsonArray blocks ? string.Concat(blocks.Select(block => block!["text"])) : turn["content"]?.ToString();
        var calls = (turn["tool_calls"] as JsonArray ?? []).Select(call => $" {call!["function"]!["name"]}");
        return $"{turn["role"]}: {text}{string.Concat(calls)}";
    }
}

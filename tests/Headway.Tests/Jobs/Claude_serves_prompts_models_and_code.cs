using System.ComponentModel;
using System.Text.Json.Nodes;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Upstream;
using Microsoft.Extensions.AI;

namespace Headway.Tests.Jobs;

/// <summary>The anthropic provider through the whole engine, with a real server in the place of Anthropic's.</summary>
public sealed class Claude_serves_prompts_models_and_code
{
    private const string Text = "The patient takes metformin 500 mg twice daily – well tolerated.";

    private static readonly Dictionary<string, string> Files = new()
    {
        ["prompts/triage.hbs"] = "<system>Triage.</system><user>{{complaint}}</user>",
        ["prompts/notes.hbs"] = "{{text}}",
        ["schemas/triage.json"] = """{"type":"object","additionalProperties":false,"required":["urgency","score"],"properties":{"urgency":{"enum":["routine","urgent"]},"score":{"type":"integer","minimum":0}}}""",
    };

    private sealed record Question(string Text);

    [Fact]
    public async Task A_prompt_with_a_shape_gets_a_value_of_it()
    {
        await using var upstream = await ModelUpstream.StartAsync(Events("stream-json"));
        await using var node = await StartAsync(upstream);

        var job = await node.AcceptedAsync(node.Call("triage", """{"complaint":"chest pain"}"""));
        (await node.EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);

        JsonNode.DeepEquals(JsonNode.Parse(await node.ResultOfAsync(job.Id)), JsonNode.Parse("""{"urgency":"urgent","score":7}""")).ShouldBeTrue();
        var sent = JsonNode.Parse(upstream.Calls.ShouldHaveSingleItem().Body)!;
        sent["system"]!.ToJsonString().ShouldBe("""[{"type":"text","text":"Triage."}]""");
        sent["output_config"]!["format"]!["schema"]!["properties"]!["score"]!.ToJsonString().ShouldBe("""{"type":"integer","description":"{minimum: 0}"}""");
    }

    [Fact]
    public async Task A_stream_is_shown_piece_by_piece()
    {
        await using var upstream = await ModelUpstream.StartAsync(Events("stream-thinking"));
        await using var node = await StartAsync(upstream);

        var job = (await node.CallAsync("notes", """{"text":"What does she take?"}""")).ShouldBeOfType<Answer.Streaming>().Job;
        var events = await node.EventsOfAsync(job.Id);

        events[^1].Kind.ShouldBe("end");
        string.Concat(events.SkipLast(1).Select(entry => JsonNode.Parse(entry.Data.Span)!["text"]!.GetValue<string>())).ShouldBe(Text);
    }

    [Fact]
    public async Task An_exposed_model_takes_the_body_of_a_chat_completion()
    {
        await using var upstream = await ModelUpstream.StartAsync(Events("stream-tools"));
        await using var node = await StartAsync(upstream);

        var done = (await node.CallAsync("claude", """{"model":"claude","messages":[{"role":"user","content":"?"}],"tools":[{"type":"function","function":{"name":"find_drug"}}],"seed":1}""")).ShouldBeOfType<Answer.Done>();

        JsonNode.Parse(Node.Text(done.Result))!["tool_calls"]![0]!["function"]!["name"]!.GetValue<string>().ShouldBe("find_drug");
    }

    [Fact]
    public async Task Code_calls_tools_in_a_round_trip()
    {
        await using var upstream = await ModelUpstream.StartAsync(Events("stream-tools"), Events("stream"));
        await using var node = await StartAsync(upstream);

        var job = await node.AcceptedAsync(node.Call("ask", """{"text":"Is metformin known?"}"""));
        (await node.EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);

        (await node.ResultOfAsync(job.Id)).ShouldContain("metformin 500 mg");
        var sent = JsonNode.Parse(upstream.Calls[1].Body)!["messages"]!;
        sent[1]!["content"]!.AsArray().Select(block => block!["type"]!.GetValue<string>()).ShouldBe(["text", "tool_use", "tool_use"]);
        sent[2]!["content"]!.ToJsonString().ShouldBe("""[{"type":"tool_result","tool_use_id":"toolu_01T1x1fJ34qAmk2tNTrN7Up6","content":"known: metformin"},{"type":"tool_result","tool_use_id":"toolu_01A09q90qw90lq917835lq9","content":"none"}]""");
    }

    [Theory]
    [InlineData("error-context-length", "model-context-length")]
    [InlineData("error-filter", "model-content-filter")]
    [InlineData("error-prefill", "model-bad-request")]
    [InlineData("error-parameter", "model-parameter-unsupported")]
    public async Task What_the_provider_refuses_for_good_is_tried_exactly_once_and_told_with_its_reason(string fixture, string code)
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Whole(400, "application/json", Scripts.Fixture($"anthropic/{fixture}")));
        await using var node = await StartAsync(upstream);

        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("triage", """{"complaint":"chest pain"}"""))).Id);

        job.State.ShouldBe(JobState.Dead);
        job.Error.ShouldNotBeNull().Code.ShouldBe(code);
        job.Error!.Message.ShouldContain("It said: ");
        upstream.Calls.Count.ShouldBe(1);
    }

    private static Task<Node> StartAsync(ModelUpstream upstream) => Node.StartAsync($$"""
        models:
          claude: { provider: anthropic, baseUrl: "{{upstream.BaseUrl}}", apiKey: sk-1, model: claude-sonnet-5, price: { input: 3, output: 15 }, expose: true }
        features:
          triage: { contract: { mode: async, caller: leaves, deliverWithin: 1m, output: structured }, handler: { prompt: prompts/triage.hbs, models: [claude], output: schemas/triage.json } }
          notes: { contract: { mode: stream, caller: converses, output: prose }, handler: { prompt: prompts/notes.hbs, models: [claude] }, fallback: none }
          ask: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }
        """, code => code.Add<Question, string>("ask", AskAsync), files: Files);

    private static async Task<string> AskAsync(Question question, FeatureContext feature, CancellationToken stop)
    {
        var model = feature.Model("claude");
        var tool = AIFunctionFactory.Create([Description("Finds a drug")] (string name) => $"known: {name}", "find_drug");
        var turns = new List<ChatMessage> { new(ChatRole.User, question.Text) };
        var first = await model.GetResponseAsync(turns, new ChatOptions { Tools = [tool] }, stop);
        turns.AddRange(first.Messages);
        foreach (var call in first.Messages.Single().Contents.OfType<FunctionCallContent>())
        {
            var found = call.Name == "find_drug" ? await tool.InvokeAsync(new AIFunctionArguments(call.Arguments), stop) : "none";
            turns.Add(new(ChatRole.Tool, [new FunctionResultContent(call.CallId, found?.ToString())]));
        }

        return (await model.GetResponseAsync(turns, new ChatOptions { Tools = [tool] }, stop)).Text;
    }

    private static Script Events(string fixture) => Scripts.Events(Scripts.Fixture($"anthropic/{fixture}"));
}

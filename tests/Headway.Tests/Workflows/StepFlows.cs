using System.Text.Json.Nodes;
using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Tests.Jobs;
using Headway.Upstream;

namespace Headway.Tests.Workflows;

/// <summary>A node whose feature `flow` is a workflow of the feature file.</summary>
internal static class StepFlows
{
    public static readonly IReadOnlyDictionary<string, string> Files = new Dictionary<string, string>
    {
        ["split.hbs"] = "Split: {{text}}",
        ["report.hbs"] = "Report on {{#each steps.split.clauses}}[{{this}}]{{/each}} for {{input.text}}",
        ["item.hbs"] = "Judge {{item}} of {{text}}",
        ["words.hbs"] = "Dear {{steps.in-words.said-so}}!",
        ["plain.hbs"] = "Plain {{word}}",
        ["letter.hbs"] = "Write that {{steps.legal.by}} says {{steps.legal.reason}}",
        ["clauses.json"] = """{ "type": "object", "required": ["clauses"], "additionalProperties": false, "properties": { "clauses": { "type": "array", "items": { "type": "string" } } } }""",
    };

    /// <param name="steps">The items of the list, as YAML.</param>
    /// <param name="more">Further lines of the feature, indented by four.</param>
    public static string File(string steps, Uri? models = null, string more = "", string? result = null, Uri? service = null) => $$"""
        defaults: { retry: { attempts: 3, backoff: 10ms..20ms, bug: { attempts: 3, backoff: 10ms..20ms } } }
        models:
          fast:  { provider: openai, baseUrl: "{{models ?? new Uri("http://127.0.0.1:9/v1")}}", model: gpt, price: { input: 1000000, output: 0 } }
          other: { provider: openai, baseUrl: "{{models ?? new Uri("http://127.0.0.1:9/v1")}}", model: gpt-other, price: { input: 1000000, output: 0 } }
        features:
          child: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retry: { attempts: 1, bug: { attempts: 1, backoff: 10ms..20ms } } }
          say:   { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }
          nothing: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }
          draw:  { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: { http: "{{service ?? new Uri("http://127.0.0.1:9/")}}" } }
          echo:  { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }
          flow:
            contract: { mode: async, caller: leaves, deliverWithin: 30d }
        {{Indented(more, 4)}}
            handler:
              steps:
        {{Indented(steps, 8)}}
        {{(result is null ? "" : $"      result: {result}")}}
        """;

    public static Task<Node> StartAsync(string steps, Uri? models = null, string more = "", string? result = null) => Node.StartAsync(File(steps, models, more, result), Children, files: Files);

    /// <summary>`child` doubles a number, `say` answers with prose, `echo` gives back what it is given.</summary>
    public static void Children(CodeHandlers code)
    {
        code.Add<Order, int>("child", async (order, _, stop) =>
        {
            if (order.Takes > 0) await Task.Delay(order.Takes, stop);
            return order.Number < 0 ? throw new InvalidOperationException("It is negative.") : order.Number * 2;
        });
        code.Add<string, string>("say", (word, _, _) => Task.FromResult($"I say {word}"));
        code.Add<JsonNode, JsonNode?>("nothing", (_, _, _) => Task.FromResult<JsonNode?>(null));
        code.Add<JsonNode, JsonNode>("echo", (input, _, _) => Task.FromResult(input));
    }

    /// <summary>Does the workflow with an input, to its end.</summary>
    public static async Task<Job> DoneAsync(this Node node, string input = "{}") => await node.EndOfAsync((await node.AcceptedAsync(node.Call("flow", input))).Id);

    public static async Task<string> ResultAsync(string steps, string input = "{}", Uri? models = null, string more = "", string? result = null)
    {
        await using var node = await StartAsync(steps, models, more, result);
        var job = await node.DoneAsync(input);
        job.State.ShouldBe(JobState.Succeeded, $"{job.Error?.Code}: {job.Error?.Message}");
        return await node.ResultOfAsync(job.Id);
    }

    public static async Task<Failure> DeathAsync(string steps, string input = "{}", Uri? models = null, string? result = null)
    {
        await using var node = await StartAsync(steps, models, result: result);
        var job = await node.DoneAsync(input);
        job.State.ShouldBe(JobState.Dead);
        return job.Error!;
    }

    /// <summary>A model that answers by what it is asked.</summary>
    public static Script Says(Func<string, string> answer) => context => Scripts.Whole(200, "application/json", new JsonObject
    {
        ["id"] = "c",
        ["object"] = "chat.completion",
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = answer(AskedIn((UpstreamCall)context.Items[typeof(UpstreamCall)]!)) }, ["finish_reason"] = "stop" }),
        ["usage"] = new JsonObject { ["prompt_tokens"] = 1, ["completion_tokens"] = 1 },
    }.ToJsonString())(context);

    /// <summary>What the user's turns of a request say.</summary>
    public static string AskedIn(UpstreamCall call) => string.Join('\n', JsonNode.Parse(call.Body)!["messages"]!.AsArray().Where(turn => turn!["role"]!.GetValue<string>() == "user").Select(turn => turn!["content"]!.ToString()));

    private static string Indented(string text, int by) => string.Join('\n', text.Split('\n').Select(line => new string(' ', by) + line));
}

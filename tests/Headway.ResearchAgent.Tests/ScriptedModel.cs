using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.Upstream;
using Headway.Upstream.Failing;

namespace Headway.ResearchAgent.Tests;

/// <summary>A server that speaks a model's wire format, answers the agent's prompts always alike, and keeps who asked.</summary>
internal sealed class ScriptedModel : IAsyncDisposable
{
    // As long as a model that is fast; there are always calls under way when a process is killed.
    private static readonly TimeSpan Thinks = TimeSpan.FromMilliseconds(120);

    private readonly OpenAiDialect _dialect = new();
    private readonly ConcurrentQueue<Asked> _asked = new();
    private ModelUpstream _upstream = null!;

    /// <summary>Each call that arrived.</summary>
    public IReadOnlyCollection<Asked> Calls => _asked;

    /// <summary>How many processes have asked so far, the present one included.</summary>
    public int Life { get; set; }

    public (string Name, string Value) Setting => ("LLM_URL", _upstream.BaseUrl.ToString());

    public static async Task<ScriptedModel> StartAsync()
    {
        var model = new ScriptedModel();
        model._upstream = await ModelUpstream.StartAsync(context => model.AnswerAsync((UpstreamCall)context.Items[typeof(UpstreamCall)]!)(context));
        return model;
    }

    public ValueTask DisposeAsync() => _upstream.DisposeAsync();

    private Script AnswerAsync(UpstreamCall call)
    {
        _asked.Enqueue(new Asked(call.Headers["X-Headway-Job"], Life));
        var body = JsonNode.Parse(call.Body)!;
        var turns = body["messages"]!.AsArray().Select(turn => turn!["content"]!.GetValue<string>()).ToArray();
        var text = Answer(turns[0], turns[^1]);
        var reply = new Reply("gpt-5-mini");
        var script = (bool?)body["stream"] == true
            ? Scripts.Events(_dialect.Role(reply) + _dialect.Piece(reply, text) + _dialect.Finish(reply, Finish.Stop, reply.Usage) + _dialect.End)
            : Scripts.Whole(200, "application/json", _dialect.Whole(reply, text, Finish.Stop, reply.Usage));
        return async context =>
        {
            await Task.Delay(Thinks, TimeProvider.System, context.RequestAborted);
            await script(context);
        };
    }

    private static string Answer(string system, string user)
    {
        var lines = user.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        if (system.StartsWith("You plan", StringComparison.Ordinal))
        {
            var drafts = lines.Where(line => line.StartsWith("- ", StringComparison.Ordinal)).Select(line => line[2..].Split(": ", 2));
            return JsonSerializer.Serialize(new { searches = drafts.Select(draft => new { topic = draft[0], query = draft[1] }) });
        }
        if (!system.StartsWith("You read", StringComparison.Ordinal)) return $"There are {lines.Length - 1} statements.";
        const string Mark = "Source: ";
        var passages = lines.Index().Where(line => line.Item.StartsWith(Mark, StringComparison.Ordinal)).Select(line => (Source: line.Item[Mark.Length..], Quote: lines[line.Index + 1]));
        return JsonSerializer.Serialize(new { passages = passages.Select(passage => new { source = passage.Source, quote = passage.Quote, says = $"It says: {passage.Quote[..20]}…" }) });
    }
}

/// <summary>A call of a model.</summary>
/// <param name="Job">For which job.</param>
/// <param name="Life">By which process.</param>
internal sealed record Asked(string Job, int Life);

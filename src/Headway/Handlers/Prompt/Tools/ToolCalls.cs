using System.Globalization;
using System.Text.Json.Nodes;
using Headway.Audit;
using Headway.Models;

namespace Headway.Handlers.Prompt.Tools;

/// <summary>Carries out the calls that the model of one attempt asks for, several at once, and says what came of them.</summary>
internal sealed class ToolCalls(Toolbox toolbox, ToolServers servers, Attempt attempt)
{
    /// <summary>Calls at once: a model that asks for more waits for them in turn.</summary>
    private const int MostAtOnce = 8;

    /// <summary>A model that asks for more in one answer has lost its way.</summary>
    private const int MostInARound = 32;

    private readonly HashSet<string> _ids = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _made = new(StringComparer.Ordinal);

    /// <summary>The turns that follow an answer which calls tools: its own, and a result for each call.</summary>
    public async Task<(IReadOnlyList<JsonObject> Turns, Failure? Failure)> CarryOutAsync(ModelAnswer answer, CancellationToken stop)
    {
        var asked = answer.ToolCalls!.Select(call => AskedCall.Of(call, _ids)).ToList();
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(stop);
        using var slots = new SemaphoreSlim(MostAtOnce);
        Failure? failed = null;
        var results = await Task.WhenAll(asked.Select(async (call, i) =>
        {
            if (Refuse(call, i) is { } refusal) return refusal;
            var meta = Meta(call);
            try
            {
                await slots.WaitAsync(enough.Token).ConfigureAwait(false);
                try
                {
                    var (text, failure) = await CallAsync(call, meta, enough.Token).ConfigureAwait(false);
                    if (failure is null) return text!;
                    Interlocked.CompareExchange(ref failed, failure, null);
                    await enough.CancelAsync().ConfigureAwait(false);
                }
                finally
                {
                    slots.Release();
                }
            }
            catch (OperationCanceledException) when (!stop.IsCancellationRequested)
            {
                // Another call of the round has failed for good: the attempt ends with that.
            }
            catch
            {
                await enough.CancelAsync().ConfigureAwait(false);
                throw;
            }

            return "";
        })).ConfigureAwait(false);
        return (Turns(answer, asked, results), failed);
    }

    /// <summary>What is told to the model about a call that is not made.</summary>
    private string? Refuse(AskedCall call, int place) =>
        toolbox.Find(call.Name) is null ? ToolResults.Complaint($"there is no tool '{call.Name}'. The tools are: {string.Join(", ", toolbox.Names)}")
        : call.Arguments is null ? ToolResults.Complaint("its arguments are no JSON object. Call it again with a JSON object that satisfies its parameters")
        : place >= MostInARound ? ToolResults.Complaint($"more than {MostInARound} calls at once are not made. Call it again")
        : null;

    private async Task<ToolAnswer> CallAsync(AskedCall call, JsonObject meta, CancellationToken stop)
    {
        var tool = toolbox.Find(call.Name)!.Value;
        var (server, failure) = servers.Find(tool.Server, attempt.Feature.Contract.Data);
        if (server is null) return new ToolAnswer(null, failure);
        // Before the first byte leaves: if this cannot be recorded, the disclosure does not happen.
        await attempt.Disclosures.OpenAsync(new Disclosure($"{tool.Server}/{tool.Tool}", "mcp"), stop).ConfigureAwait(false);
        return await server.CallAsync(tool.Tool, call.Elements(), meta, stop).ConfigureAwait(false);
    }

    /// <summary>For whom the call is made, and a key that the same call of a later attempt has too: a server that remembers keys works once.</summary>
    private JsonObject Meta(AskedCall call)
    {
        var digest = call.Digest(toolbox.Find(call.Name)!.Value);
        var before = _made[digest] = _made.GetValueOrDefault(digest) + 1;
        var meta = new JsonObject
        {
            ["headway/idempotencyKey"] = string.Create(CultureInfo.InvariantCulture, $"{attempt.Key}/{digest}/{before}"),
            ["headway/job"] = attempt.Job.ToString(),
            ["headway/attempt"] = attempt.Number,
            ["headway/feature"] = attempt.Feature.FullName,
            ["headway/tenant"] = attempt.Tenant,
        };
        if (attempt.TraceParent is { } trace) meta["traceparent"] = trace;
        return meta;
    }

    private static List<JsonObject> Turns(ModelAnswer answer, List<AskedCall> asked, string[] results) =>
    [
        new JsonObject { ["role"] = "assistant", ["content"] = answer.Text.Length > 0 ? answer.Text : null, ["tool_calls"] = new JsonArray([.. asked.Select(call => call.Wire)]) },
        .. asked.Zip(results, (call, result) => new JsonObject { ["role"] = "tool", ["tool_call_id"] = call.Id, ["content"] = result }),
    ];
}

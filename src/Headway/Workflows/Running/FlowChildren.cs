using System.Text;
using System.Text.Json;
using Headway.Access;
using Headway.Features;
using Headway.Handlers;
using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Storage;
using Headway.Workflows.History;
using Headway.Workflows.Storage;

namespace Headway.Workflows.Running;

/// <summary>The jobs that a workflow starts.</summary>
internal sealed class FlowChildren(WorkflowHost host, Attempt attempt)
{
    private Caller Caller => new(attempt.Tenant, attempt.Actor, null);

    /// <summary>Children that were called and are not wanted any more.</summary>
    public List<JobId> Unwanted { get; } = [];

    /// <summary>Makes a call ready to be accepted, or says what is wrong with it.</summary>
    public async Task<(Prepared? Prepared, byte[]? Failed)> PrepareAsync(ChildCall call, CancellationToken stop)
    {
        if (host.File().Features.GetValueOrDefault(call.Feature) is not { Latest: var version })
            return (null, FailedEntry.Write("feature-unknown", $"{attempt.Feature.FullName} called {call.Feature}, and the feature file has no such feature."));
        if (version.Contract.Mode is not (Mode.Async or Mode.Hybrid))
            return (null, FailedEntry.Write("feature-not-queued", $"{attempt.Feature.FullName} called {call.Feature}, which is {version.Contract.Mode.ToString().ToLowerInvariant()}. A workflow calls async and hybrid features; give it one of these modes."));
        var prepared = await host.Preparation.PrepareAsync(new Call
        {
            Feature = version,
            Caller = Caller,
            Input = new JobInput { MediaType = Result.Json, Json = call.Input },
            Subject = attempt.Subject,
            Deadline = attempt.Deadline,
            TraceParent = attempt.TraceParent,
        }, withInput: true, stop).ConfigureAwait(false);
        host.Claimer.Serve(prepared.Registered);
        var origin = prepared.Job.Origin with { Parent = attempt.Job };
        return (prepared with { Job = prepared.Job with { Origin = origin }, Work = prepared.Work with { Origin = origin } }, null);
    }

    /// <summary>They are jobs now.</summary>
    public void Accepted(IReadOnlyList<NewChild> children)
    {
        foreach (var pool in children.Select(child => child.Job.Pool).Distinct()) host.News.Queued(pool);
    }

    /// <summary>What became of a child that has ended.</summary>
    public (EntryOutcome Outcome, byte[] Body, long Ended) EndOf(JobId child)
    {
        if (host.Jobs.Row(attempt.Tenant, child) is not { } row) return Failed("child-unknown", $"There is no job {child} any more.", host.Database.Now);
        var job = host.Jobs.JobOf(row, detailed: false);
        var ended = (job.Finished ?? job.Created).ToUnixTimeMilliseconds();
        if (job.State is not JobState.Succeeded) return Failed(job.Error?.Code ?? "child-failed", $"{job.Feature} ({child}) is {job.State.ToString().ToLowerInvariant()}: {job.Error?.Message}", ended);
        if (host.Results.Open(row) is not { } result) return Failed("child-result-expired", $"The result of {job.Feature} ({child}) was removed by retention before it was asked for.", ended);
        if (!result.IsJson && !result.MediaType.StartsWith("text/", StringComparison.Ordinal))
            return Failed("child-answer-unreadable", $"{job.Feature} ({child}) answered with {result.MediaType}, which a workflow cannot read: answer with JSON or text, or keep it elsewhere and answer with a reference.", ended);
        return (EntryOutcome.Done, BodyOf(result), ended);
    }

    /// <summary>Cancels what is not wanted any more. A node that dies before is made up for by whoever runs the workflow next, or by upkeep when it has ended.</summary>
    public async Task CancelUnwantedAsync()
    {
        foreach (var child in Unwanted)
        {
            try
            {
                await host.Operators.CancelAsync(Caller, child).ConfigureAwait(false);
            }
            catch (StorageException)
            {
                // Upkeep comes by again.
            }
        }
        Unwanted.Clear();
    }

    private static (EntryOutcome, byte[], long) Failed(string code, string message, long ended) => (EntryOutcome.Failed, FailedEntry.Write(code, message), ended);

    private static byte[] BodyOf(Result result)
    {
        if (!result.IsJson) return JsonSerializer.SerializeToUtf8Bytes(new ChildAnswer(null, Encoding.UTF8.GetString(result.Body.Span)), CodeJson.Options);
        using var json = JsonDocument.Parse(result.Body);
        return JsonSerializer.SerializeToUtf8Bytes(new ChildAnswer(json.RootElement, null), CodeJson.Options);
    }

}

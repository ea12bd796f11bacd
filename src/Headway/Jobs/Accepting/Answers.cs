using Headway.Jobs.Running;
using Headway.Jobs.Storage;

namespace Headway.Jobs.Accepting;

/// <summary>The job as the caller of this very call sees it, without asking the database.</summary>
internal static class Answers
{
    public static Job JobOf(Work work, NewJob job, Ending? ending, TimeSpan? waited = null, JobState state = JobState.Queued) => new()
    {
        Id = work.Origin.Id,
        Tenant = work.Origin.Tenant,
        Feature = work.Version.Feature,
        Version = work.Version.Number,
        Mode = work.Mode,
        State = ending?.State ?? state,
        Subject = work.Subject,
        Priority = job.Priority,
        Attempt = ending?.Attempt ?? 0,
        Created = DateTimeOffset.FromUnixTimeMilliseconds(job.Created),
        Started = ending?.Started is { } started ? DateTimeOffset.FromUnixTimeMilliseconds(started) : null,
        Finished = ending is null ? null : DateTimeOffset.FromUnixTimeMilliseconds(ending.Finished),
        Deadline = work.Deadline,
        DeliverBy = job.DeliverBy is { } by ? DateTimeOffset.FromUnixTimeMilliseconds(by) : null,
        Model = ending?.Model,
        Usage = ending?.Usage ?? default,
        CachedFrom = ending?.CachedFrom,
        Correlation = Correlation.Of(work.Origin.Id, work.TraceParent),
        Queued = waited,
        ResultMediaType = ending?.ResultType,
    };
}

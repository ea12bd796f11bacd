using Headway.Budgets;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>Puts claimed jobs back that were never begun, each under its fence, all in one write. Nothing is counted against them.</summary>
internal sealed class ReturnJobs(IReadOnlyList<ClaimedJob> jobs, string worker, long now) : Write<int>
{
    internal override IReadOnlyList<Claim> Claims => [.. jobs.Select(job => Claim.On(job.Fence.Job))];

    protected override async ValueTask<int> ApplyAsync(Session session)
    {
        var returned = await session.EachAsync(jobs, job => new RetryJob(
            job.Fence, new Rescheduling(null, null, job.Failures, job.Crashes), new FailedAttempt(job.Fence.Job, job.Fence.Attempt, job.Started, now, "handed-back", worker, null, null, default),
            CallsOfAttempt.None, [], []).WithinAsync(session)).ConfigureAwait(false);
        return returned.Count(put => put);
    }
}

using Headway.Jobs.Running;
using Headway.Jobs.Storage;

namespace Headway.Jobs.Accepting;

/// <summary>Answers a call whose idempotency key belongs to a job: with that job, and nothing new is begun.</summary>
internal sealed class Repeats(JobReader jobs, JobWaiter waiter, Results results)
{
    public async Task<Answer> AnswerAsync(Call call, Acceptance.Repeat repeat, CancellationToken callerLeft)
    {
        if (!repeat.Same) return new Answer.Refused(Refusals.Mismatch);
        var job = jobs.Find(call.Caller.Tenant, repeat.Job);
        if (job is null) return new Answer.Refused(Refusals.InProgress);
        var mode = call.Feature.Contract.Mode;
        if (!job.IsFinished && mode is (Features.Mode.Sync or Features.Mode.Stream)) return new Answer.Refused(Refusals.InProgress);
        if (mode is Features.Mode.Stream) return new Answer.Streaming(job);
        if (!job.IsFinished && mode is Features.Mode.Hybrid) job = await waiter.WaitAsync(call.Caller.Tenant, job.Id, QueuedCalls.WaitOf(call), callerLeft).ConfigureAwait(false) ?? job;
        if (!job.IsFinished || mode is Features.Mode.Async) return new Answer.Accepted(job);
        return await results.AnswerAsync(call.Caller, job, callerLeft).ConfigureAwait(false);
    }
}

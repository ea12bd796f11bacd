using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Accepting;

/// <summary>Answers a call whose idempotency key belongs to a job: with that job, and nothing new is begun.</summary>
internal sealed class Repeats(Database database, JobReader jobs, JobWaiter waiter, Results results)
{
    /// <summary>The job that the call's key belongs to, before a slot is asked for: a full pool does not keep a recorded answer back. Acceptance looks again.</summary>
    public Acceptance.Repeat? Kept(NewJob job) => job.Idempotency is null ? null : database.Read(session => AcceptJob.Kept(session, job));

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

using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Accepting;

/// <summary>Answers a call whose idempotency key belongs to a job: with that job, and nothing new is begun.</summary>
internal sealed class Repeats(Database database, Preparation preparation, JobReader jobs, JobWaiter waiter, Results results)
{
    /// <summary>The job that the call's key belongs to, before a slot is asked for: a full pool does not keep a recorded answer back. Acceptance looks again.</summary>
    public Acceptance.Repeat? Kept(NewJob job) => job.Idempotency is null ? null : database.Read(session => AcceptJob.KeptAsync(session, job));

    /// <summary>Null: the call's key belongs to no job yet.</summary>
    public async Task<Answer?> TryAnswerAsync(Call call, CancellationToken callerLeft)
    {
        var prepared = await preparation.PrepareAsync(call, withInput: false, callerLeft).ConfigureAwait(false);
        return Kept(prepared.Job) is { } kept ? await AnswerAsync(call, kept, callerLeft).ConfigureAwait(false) : null;
    }

    /// <summary>Whether the call's key belongs to a job already.</summary>
    public async ValueTask<bool> IsKeptAsync(Call call, CancellationToken stop) => Kept((await preparation.PrepareAsync(call, withInput: false, stop).ConfigureAwait(false)).Job) is not null;

    /// <summary>A job that waited has the call's input now.</summary>
    public Answer Replaced(Call call, JobId id) => jobs.Find(call.Caller.Tenant, id) is { } job ? new Answer.Accepted(job) { How = Submission.Replaced } : new Answer.Refused(Refusals.InProgress);

    public async Task<Answer> AnswerAsync(Call call, Acceptance.Repeat repeat, CancellationToken callerLeft)
    {
        if (!repeat.Same) return new Answer.Refused(Refusals.Mismatch);
        var job = jobs.Find(call.Caller.Tenant, repeat.Job);
        if (job is null) return new Answer.Refused(Refusals.InProgress);
        var mode = call.Feature.Contract.Mode;
        if (!job.IsFinished && mode is (Features.Mode.Sync or Features.Mode.Stream)) return new Answer.Refused(Refusals.InProgress);
        if (mode is Features.Mode.Stream) return new Answer.Streaming(job);
        if (!job.IsFinished && mode is Features.Mode.Hybrid && !call.TakesNoResult) job = await waiter.WaitAsync(call.Caller.Tenant, job.Id, QueuedCalls.WaitOf(call), callerLeft).ConfigureAwait(false) ?? job;
        if (!job.IsFinished || mode is Features.Mode.Async || call.TakesNoResult) return new Answer.Accepted(job) { How = Submission.Existing };
        return await results.AnswerAsync(call.Caller, job, callerLeft).ConfigureAwait(false);
    }
}

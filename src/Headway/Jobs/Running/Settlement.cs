using Headway.Audit;
using Headway.Handlers;
using Headway.Jobs.Storage;

namespace Headway.Jobs.Running;

/// <summary>What an attempt's end means for its job: either an ending, or another try. Decided here, written elsewhere.</summary>
/// <param name="Word">For the log.</param>
internal sealed record Settlement(string Word, Ending? Ending, Rescheduling? Again, FailedAttempt? Attempt)
{
    /// <summary>Null: the job is not this attempt's any more (cancelled, or the lease is lost), and nothing may be written.</summary>
    /// <param name="spent">What the attempt cost, whatever became of it.</param>
    public static Settlement? Of(Work work, ClaimedJob claimed, Outcome? outcome, Usage spent, StopReason reason, DateTimeOffset at, string node, double chance)
    {
        var settle = new Settler(work, claimed, spent, at, node, chance);
        return outcome switch
        {
            Outcome.Done done => settle.Done(done.Result),
            Outcome.Failed failed => settle.Failed(failed.Failure),
            Outcome.DeadLetter dead => settle.Die(dead.Failure),
            Outcome.Snooze snooze => settle.Snooze(snooze.Delay),
            _ => reason switch
            {
                StopReason.Abandoned => settle.Abandon(),
                StopReason.Draining => settle.HandBack(),
                _ => null,
            },
        };
    }
}

file sealed class Settler(Work work, ClaimedJob claimed, Usage spent, DateTimeOffset at, string node, double chance)
{
    private readonly long _now = at.ToUnixTimeMilliseconds();

    public Settlement Done(Result result) =>
        new("succeeded", Count(Endings.Succeeded(work, result, spent, _now, node), claimed.Failures), null, null);

    public Settlement Failed(Failure failure)
    {
        if (work.OneShot) return Tell(failure);
        var failures = claimed.Failures + 1;
        if (failure.Code == "timeout" && work.Deadline <= at) return Die(JobFailures.Expired);
        return RetryPolicy.Decide(work.Version.Retry, failure, failures, at, work.Deadline, chance) switch
        {
            RetryDecision.Again again => new Settlement("failed, tried again", null,
                new Rescheduling(again.At.ToUnixTimeMilliseconds(), "backoff", failures, claimed.Crashes), Attempt("failed", failure, spent)),
            RetryDecision.Die { Reason: "expired" } => Die(JobFailures.Expired),
            _ => Die(failure),
        };
    }

    public Settlement Die(Failure failure) => work.OneShot
        ? Tell(failure)
        : new Settlement("dead", Count(Endings.Failed(work, JobState.Dead, AuditActions.Died, failure, spent, _now, node), claimed.Failures + 1), null, Attempt("failed", failure, default));

    public Settlement Snooze(TimeSpan delay) => work.OneShot
        ? Tell(JobFailures.Snoozed(delay))
        : new Settlement("snoozed", null, new Rescheduling(_now + (long)delay.TotalMilliseconds, "snooze", claimed.Failures, claimed.Crashes), Attempt("snoozed", null, spent));

    public Settlement Abandon() => new("abandoned",
        Count(Endings.Failed(work, JobState.Cancelled, AuditActions.Abandoned, JobFailures.Abandoned, spent, _now, node), claimed.Failures), null, null);

    // A stream cannot move to another node: its reader is told.
    public Settlement HandBack() => work.OneShot
        ? Tell(JobFailures.NodeLost)
        : new Settlement("handed back", null, new Rescheduling(null, null, claimed.Failures, claimed.Crashes), Attempt("handed-back", null, spent));

    private Settlement Tell(Failure failure) => new("failed",
        Count(Endings.Failed(work, JobState.Failed, AuditActions.Failed, failure, spent, _now, node), claimed.Failures + 1), null, null);

    private Ending Count(Ending ending, int failures) => ending with { Attempt = claimed.Fence.Attempt, Failures = failures, Started = claimed.Started };

    private FailedAttempt Attempt(string outcome, Failure? failure, Usage usage) => new(
        claimed.Fence.Job, claimed.Fence.Attempt, claimed.Started, _now, outcome, node, null,
        failure is null ? null : Endings.Seal(work.Key, claimed.Fence.Job, failure), usage);
}

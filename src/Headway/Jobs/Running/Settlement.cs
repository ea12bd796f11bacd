using Headway.Audit;
using Headway.Handlers;
using Headway.Jobs.Storage;
using Headway.Jobs.Waiting;

namespace Headway.Jobs.Running;

/// <summary>What an attempt's end means for its job: an ending, another try, or a wait. Decided here, written elsewhere.</summary>
/// <param name="Word">For the log.</param>
internal sealed record Settlement(string Word, Ending? Ending, Rescheduling? Again, FailedAttempt? Attempt)
{
    /// <summary>The job waits; what else there could be is not.</summary>
    public Suspension? Wait { get; init; }

    /// <summary>Null: the job is not this attempt's any more (cancelled, or the lease is lost), and nothing may be written.</summary>
    /// <param name="spent">What the attempt cost, whatever became of it.</param>
    /// <param name="spend">Takes a retry from the budget; false: it has none left.</param>
    public static Settlement? Of(Work work, ClaimedJob claimed, Outcome? outcome, Usage spent, StopReason reason, DateTimeOffset at, string node, double chance, Func<bool> spend)
    {
        var settle = new Settler(work, claimed, spent, at, node, chance, spend);
        return outcome switch
        {
            Outcome.Done done => settle.Done(done.Result),
            Outcome.Failed failed => settle.Failed(failed.Failure),
            Outcome.DeadLetter dead => settle.Die(dead.Failure),
            Outcome.Wait wait => settle.Wait(wait),
            Outcome.Cancelled => settle.Cancel(),
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

file sealed class Settler(Work work, ClaimedJob claimed, Usage spent, DateTimeOffset at, string node, double chance, Func<bool> spend)
{
    private readonly long _now = at.ToUnixTimeMilliseconds();

    public Settlement Done(Result result) =>
        new("succeeded", Count(Endings.Succeeded(work, result, spent, _now, node), claimed.Failures), null, null);

    public Settlement Failed(Failure failure)
    {
        if (work.OneShot) return Tell(failure);
        if (failure.Code == "timeout" && work.Deadline <= at) return Die(JobFailures.Expired);
        var (retry, tally) = (work.Version.Retry, claimed.Tally.Failed(failure.Kind));
        var decision = RetryPolicy.Decide(retry, failure, tally, at, work.Deadline, chance);
        if (decision is RetryDecision.Again && !spend()) decision = RetryPolicy.Decide(retry, failure, tally, at, work.Deadline, chance, hasRoom: false) is RetryDecision.Again later ? later : decision;
        return decision switch
        {
            RetryDecision.Again again => new Settlement("failed, tried again", null,
                new Rescheduling(again.At.ToUnixTimeMilliseconds(), "backoff", claimed.Failures + 1, claimed.Crashes) { Tally = tally }, Attempt("failed", failure, spent)),
            RetryDecision.Die { Reason: "expired" } => Die(JobFailures.ExpiredBefore(failure), failure),
            _ => Die(failure),
        };
    }

    public Settlement Die(Failure failure) => Die(failure, failure);

    /// <param name="last">What went wrong with the attempt itself.</param>
    private Settlement Die(Failure failure, Failure? last) => work.OneShot
        ? Tell(failure)
        : new Settlement("dead", Count(Endings.Failed(work, JobState.Dead, AuditActions.Died, failure, spent, _now, node), claimed.Failures + (last is null ? 0 : 1)), null,
            Attempt(last is null ? "snoozed" : "failed", last, default));

    public Settlement Snooze(TimeSpan delay) => work.OneShot
        ? Tell(JobFailures.Snoozed(delay))
        : RetryPolicy.Snooze(work.Version.Retry.Snooze, delay, claimed.Tally, at, work.Deadline) switch
        {
            RetryDecision.Again again => new Settlement("snoozed", null,
                new Rescheduling(again.At.ToUnixTimeMilliseconds(), "snooze", claimed.Failures, claimed.Crashes) { Tally = claimed.Tally.Snoozed(_now) }, Attempt("snoozed", null, spent)),
            RetryDecision.Die { Reason: "expired" } => Die(JobFailures.ExpiredAsleep(delay), null),
            _ => Die(JobFailures.SnoozedOut(work.Version, claimed.Tally.Snoozes), null),
        };

    public Settlement Wait(Outcome.Wait wait) => work.OneShot
        ? Tell(JobFailures.WaitsInline)
        : new("waits", null, null, Attempt("waited", null, spent))
        {
            Wait = new Suspension(wait.Until?.ToUnixTimeMilliseconds(), wait.For) { IsOver = wait.Until <= at, Undo = wait.Undo, Emitted = wait.Emitted, IsCancelled = wait.IsCancelled, IsBlind = wait.IsBlind },
        };

    public Settlement Cancel() => new("cancelled",
        Count(Endings.Failed(work, JobState.Cancelled, AuditActions.Cancelled, JobFailures.Cancelled, spent, _now, node), claimed.Failures), null, null);

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

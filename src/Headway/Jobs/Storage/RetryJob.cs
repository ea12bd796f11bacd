using Headway.Audit;
using Headway.Budgets;
using Headway.Storage;
using Headway.Storage.Sqlite;
using Headway.Streams;

namespace Headway.Jobs.Storage;

/// <summary>Puts a job back under the fence: to be tried again later (a retry, a snooze), or at once (handed back).</summary>
internal sealed class RetryJob(Fence fence, Rescheduling again, FailedAttempt attempt, CallsOfAttempt calls, IReadOnlyList<AuditEvent> audit, LogRow? tail) : Write<bool>
{
    private static readonly Sql Schedule = Sql.At("Jobs/Storage/ScheduleAgain");
    private static readonly Sql Usage = Sql.At("Jobs/Storage/AddUsage");

    protected override bool Apply(SqliteSession session)
    {
        var state = again.Due is null ? JobState.Queued : JobState.Scheduled;
        var held = session.Use(Schedule)
            .Bind(1, (long)state).Bind(2, again.Due).Bind(3, again.Failures).Bind(4, again.Crashes).Bind(5, again.Why)
            .Bind(6, fence.Job).Bind(7, fence.Lease).Bind(8, fence.Attempt)
            .Execute() == 1;
        if (!held) return false;
        JobWrites.InsertAttempt(session, attempt);
        session.Use(Usage)
            .Bind(1, attempt.Usage.InputTokens).Bind(2, attempt.Usage.OutputTokens).Bind(3, Money.ToNano(attempt.Usage.Usd))
            .Bind(4, fence.Attempt).Bind(5, attempt.Started).Bind(6, fence.Job)
            .Execute();
        ModelCalls.Append(session, fence.Job, calls);
        Ledger.Spend(session, fence.Job, Money.ToNano(attempt.Usage.Usd));
        foreach (var entry in audit) AuditTrail.Append(session, entry, attempt.Finished);
        if (tail is not null) LogWrites.Append(session, fence.Job, tail);
        return true;
    }
}

/// <param name="Due">When, in milliseconds since 1970; null: claimable at once.</param>
/// <param name="Why">`backoff`, `snooze`, `storage`; null when claimable.</param>
internal sealed record Rescheduling(long? Due, string? Why, int Failures, int Crashes);

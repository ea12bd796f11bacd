using Headway.Audit;
using Headway.Budgets;
using Headway.Jobs.Running;
using Headway.Storage;
using Headway.Streams;

namespace Headway.Jobs.Storage;

/// <summary>Puts a job back under the fence: to be tried again later (a retry, a snooze), or at once (handed back).</summary>
internal sealed class RetryJob(Fence fence, Rescheduling again, FailedAttempt attempt, CallsOfAttempt calls, IReadOnlyList<AuditEvent> audit, IReadOnlyList<LogRow> tail) : Write<bool>
{
    private static readonly Sql Schedule = Sql.At("Jobs/Storage/ScheduleAgain");

    internal override IReadOnlyList<Claim> Claims => [Claim.On(fence.Job)];

    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        var state = again.Due is null ? JobState.Queued : JobState.Scheduled;
        var held = await session.Use(Schedule)
            .Bind(1, (long)state).Bind(2, again.Due).Bind(3, again.Failures).Bind(4, again.Crashes).Bind(5, again.Why)
            .Bind(6, again.Tally?.Stored()).Bind(7, attempt.Finished).Bind(8, fence.Job).Bind(9, fence.Lease).Bind(10, fence.Attempt)
            .ExecuteAsync().ConfigureAwait(false) == 1;
        if (!held) return false;
        await JobWrites.KeepAttemptAsync(session, attempt, calls, audit, tail).ConfigureAwait(false);
        return true;
    }
}

/// <param name="Due">When, in milliseconds since 1970; null: claimable at once.</param>
/// <param name="Why">`backoff`, `snooze`, `storage`; null when claimable.</param>
internal sealed record Rescheduling(long? Due, string? Why, int Failures, int Crashes)
{
    /// <summary>What became of its attempts by now. Null: as before.</summary>
    public Tally? Tally { get; init; }
}

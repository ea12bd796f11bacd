using Headway.Budgets;
using Headway.Jobs.Storage;
using Headway.Storage;
using Headway.Streams;

namespace Headway.Jobs.Waiting;

/// <summary>An attempt ends because its job waits: it holds no place, no lease and no connection until something it waits for is there.</summary>
/// <param name="weight">Of its tenant.</param>
internal sealed class SuspendJob(Fence fence, Suspension suspension, FailedAttempt attempt, CallsOfAttempt calls, IReadOnlyList<Audit.AuditEvent> audit, IReadOnlyList<LogRow> tail, Func<string, int> weight) : Write<bool>
{
    private static readonly Sql Suspend = Sql.At("Jobs/Waiting/Suspend");

    internal override IReadOnlyList<Claim> Claims => [Claim.On(fence.Job), Wakes.On(fence.Job)];

    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        var held = await session.Use(Suspend)
            .Bind(1, suspension.Due).Bind(2, suspension.Why).Bind(3, suspension.Undo).Bind(4, suspension.Emitted).Bind(5, suspension.IsBlind ? 1 : 0).Bind(6, fence.Job).Bind(7, fence.Lease).Bind(8, fence.Attempt)
            .ExecuteAsync().ConfigureAwait(false) == 1;
        if (!held) return false;
        await JobWrites.KeepAttemptAsync(session, attempt, calls, audit, tail).ConfigureAwait(false);
        // Known for sure by now: whoever asks something of it either finds it asleep, or is found here.
        if (await Wakes.LockAsync(session, fence.Job).ConfigureAwait(false) is not { State: JobState.Waiting } asleep) return true;
        if (asleep.Asked is Asked.Pause) session.Use(PauseJob.Pause).Bind(1, fence.Job).Send();
        else if (suspension.IsOver || (asleep.Asked is Asked.Cancel && !suspension.IsCancelled && !suspension.IsBlind)) await Wakes.BringBackAsync(session, fence.Job, asleep.Pool, weight, attempt.Finished).ConfigureAwait(false);
        else if (!suspension.IsBlind) await Wakes.WakeLockedAsync(session, fence.Job, asleep.Pool, weight, attempt.Finished).ConfigureAwait(false);
        return true;
    }
}

/// <summary>How a job waits.</summary>
/// <param name="Due">When it comes back in any case, in milliseconds since 1970; null: only when something is there.</param>
/// <param name="Why">What it waits for, for whoever asks: a code, a space, and words.</param>
internal sealed record Suspension(long? Due, string Why)
{
    /// <summary>It comes back at once: it only begins a new attempt.</summary>
    public bool IsOver { get; init; }

    /// <summary>How many things it would undo if it were cancelled.</summary>
    public int Undo { get; init; }

    /// <summary>How many pieces of output it has shown so far; null: nobody counted.</summary>
    public long? Emitted { get; init; }

    /// <summary>What is there for it does not bring it back now: it cannot go on with that here.</summary>
    public bool IsBlind { get; init; }

    /// <summary>It knows that it is cancelled, and waits while it undoes what it did.</summary>
    public bool IsCancelled { get; init; }
}

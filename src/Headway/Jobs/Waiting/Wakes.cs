using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Waiting;

/// <summary>Brings back a job that waits, because something it waits for is there.</summary>
/// <remarks>
/// Invariant: whoever makes something be there looks, in the same transaction and after that, whether its job waits; whoever makes a job wait looks, after
/// that, whether something is there. Both hold the job's row, so one of them sees what the other did, and no job waits for what it has.
/// Those that would wait for each other's rows in a circle claim the job they wake on every node, and so take its lock before any row.
/// </remarks>
internal static class Wakes
{
    private static readonly Sql Lock = Sql.At("Jobs/Waiting/LockWaiting");
    private static readonly Sql Satisfied = Sql.At("Jobs/Waiting/IsSatisfied");
    private static readonly Sql Up = Sql.At("Jobs/Waiting/Wake");

    public static Claim On(JobId job) => new("wait of", job, OnEveryNode: true);

    /// <summary>A job under way, its row locked until the transaction ends. Null: it is not.</summary>
    public static async ValueTask<UnderWay?> LockAsync(Session session, JobId job)
    {
        using var locked = session.Use(Lock).Bind(1, job);
        if (!await locked.StepAsync().ConfigureAwait(false)) return null;
        var (attempt, rested) = (locked.Int32(3), locked.Int64OrNull(4));
        return new UnderWay((JobState)locked.Int64(0), locked.Int64(1), (Asked)(locked.Int64OrNull(2) ?? 0)) { HasNothingToUndo = attempt == 0 || (rested == attempt && locked.Int64OrNull(5) is null or 0) };
    }

    /// <summary>Wakes the job if it waits for what is there now. True: it comes to the queue.</summary>
    /// <param name="weight">Of its tenant.</param>
    public static async ValueTask<bool> WakeAsync(Session session, JobId job, Func<string, int> weight, long now) =>
        await LockAsync(session, job).ConfigureAwait(false) is { State: JobState.Waiting } waiting && await WakeLockedAsync(session, job, waiting.Pool, weight, now).ConfigureAwait(false);

    /// <summary>The same, of a job that this transaction has locked and that waits.</summary>
    public static async ValueTask<bool> WakeLockedAsync(Session session, JobId job, long pool, Func<string, int> weight, long now)
    {
        using (var there = session.Use(Satisfied).Bind(1, job))
        {
            if (!await there.StepAsync().ConfigureAwait(false) || there.Int64(0) == 0) return false;
        }
        await BringBackAsync(session, job, pool, weight, now).ConfigureAwait(false);
        return true;
    }

    /// <summary>Brings a job to the queue that this transaction has locked, and that is neither there nor runs.</summary>
    public static async ValueTask BringBackAsync(Session session, JobId job, long pool, Func<string, int> weight, long now)
    {
        session.Use(Up).Bind(1, now).Bind(2, job).Send();
        await Turns.TakeAsync(session, [new Arrival(job, pool, ComesBack: true)], weight).ConfigureAwait(false);
    }
}

/// <summary>A job under way, as whoever wants something of it finds it.</summary>
internal sealed record UnderWay(JobState State, long Pool, Asked Asked)
{
    /// <summary>It never ran, or said when it went to sleep that there is nothing to undo.</summary>
    public bool HasNothingToUndo { get; init; }
}

/// <summary>What people asked of a job that runs, or that must run for it. The numbers are stored.</summary>
internal enum Asked { Nothing, Pause, Cancel }

using Headway.Audit;
using Headway.Jobs.Waiting;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>
/// Cancels whatever state the job is in, unless it has ended. Taking the row out of the queue breaks the fence of whoever runs it, so
/// nothing the worker writes afterwards is kept: cancelled stays cancelled. A job that may have something to undo is told instead, and ends when it has.
/// </summary>
/// <param name="weight">Of the tenant.</param>
internal sealed class CancelJob(JobId job, string tenant, int weight, Func<int, int, long?, Ending> ending) : Write<Cancelled>
{
    private static readonly Sql Take = Sql.At("Jobs/Storage/TakeFromQueue");

    private static readonly Sql AskCancel = Sql.At("Jobs/Waiting/AskCancel");
    private static readonly Sql Forget = Sql.At("Jobs/Waiting/DeleteChildWait");

    /// <summary>A parent that has ended and left it: it is cancelled only if that has not begun anew, and is noted there no more.</summary>
    public JobId? LeftBy { get; init; }

    /// <summary>Whose child it is.</summary>
    public JobId? Parent { get; init; }

    /// <summary>Of work that may have something to undo: tells of its being asked to. Null: it is ended at once.</summary>
    public AuditEvent? Asking { get; init; }

    /// <summary>When it is asked, in milliseconds since 1970.</summary>
    public long Now { get; init; }

    internal override IReadOnlyList<Claim> Claims => Parent is { } waiting ? [Claim.On(job), Wakes.On(job), Wakes.On(waiting)] : [Claim.On(job), Wakes.On(job)];

    protected override async ValueTask<Cancelled> ApplyAsync(Session session)
    {
        if (LeftBy is { } parent && await session.Use(Forget).Bind(1, parent).Bind(2, job).ExecuteAsync().ConfigureAwait(false) == 0) return Cancelled.Over;
        if (Asking is { } asking && await AskAsync(session, asking).ConfigureAwait(false) is { } told) return told;
        int attempt, failures;
        long? started;
        long pool;
        int priority;
        JobState state;
        string? endpoints;
        using (var taken = session.Use(Take).Bind(1, job))
        {
            if (!await taken.StepAsync().ConfigureAwait(false)) return Cancelled.Over;
            (state, pool, priority) = ((JobState)taken.Int64(0), taken.Int64(4), taken.Int32(5));
            (attempt, failures, started) = (taken.Int32(1), taken.Int32(2), taken.Int64OrNull(3));
            endpoints = taken.Text(6);
        }
        if (state is JobState.Queued) Turns.GiveBack(session, pool, tenant, priority, weight);
        await JobWrites.FinishJobAsync(session, job, ending(attempt, failures, started) with
        {
            StillSpends = state is JobState.Running,
            To = endpoints is null ? null : new Addressees(tenant, endpoints),
            Parent = Parent is { } waiting ? new WaitingParent(waiting, weight) : null,
        }).ConfigureAwait(false);
        return Cancelled.Ended;
    }

    /// <summary>Null: there is nothing to undo, and nobody runs who might have.</summary>
    private async ValueTask<Cancelled?> AskAsync(Session session, AuditEvent asking)
    {
        if (await Wakes.LockAsync(session, job).ConfigureAwait(false) is not { } found) return Cancelled.Over;
        if (found.Asked is Asked.Cancel) return Cancelled.Asked;
        if (found.State is not JobState.Running && found.HasNothingToUndo) return null;
        session.Use(PauseJob.Ask).Bind(1, (long)Asked.Cancel).Bind(2, job).Send();
        session.Use(AskCancel).Bind(1, job).Send();
        AuditTrail.Append(session, asking, Now);
        if (found.State is not (JobState.Running or JobState.Queued)) await Wakes.BringBackAsync(session, job, found.Pool, _ => weight, Now).ConfigureAwait(false);
        return Cancelled.Asked;
    }
}

/// <summary>What became of a job that was to be cancelled. Asked: it undoes what it did, and ends then.</summary>
internal enum Cancelled { Ended, Asked, Over }

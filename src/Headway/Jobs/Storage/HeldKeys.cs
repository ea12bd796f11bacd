using Headway.Audit;
using Headway.Budgets;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>Keys under which one job is under way at a time: a further call is given that job (unique), or takes its place while it waits (debounced).</summary>
/// <remarks>
/// Invariant: at most one row of the queue holds a key, on all nodes together. Whoever decides about a key has a claim on it that holds on every node
/// (<see cref="Claim.OnEveryNode"/>), and a unique index stands behind it. Who claims, promotes or ends the job at the same time asks nobody: so a debounced call
/// locks its row, and whoever comes too late makes a job of his own. It does so before anything of its group touches a budget (<see cref="LockOf"/>), as all do who end a job, and on its own node it is written while nothing is changed (<see cref="AcceptJob.MeetsChanges"/>): they wait for each other
/// once and not in a circle, and nothing is held back for a job that is about to end. In its own transaction a lock keeps nobody out, so there it begins
/// when those who know their jobs have ended (<see cref="AcceptJob.FindsItsJobs"/>).
/// </remarks>
internal static class HeldKeys
{
    private static readonly Sql Find = Sql.At("Jobs/Storage/FindHolder");
    private static readonly Sql Lock = Sql.At("Jobs/Storage/LockHolder");
    private static readonly Sql LockAll = Sql.At("Jobs/Storage/LockHolders");
    private static readonly Sql Release = Sql.At("Jobs/Storage/ReleaseKey");
    private static readonly Sql Hold = Sql.At("Jobs/Storage/HoldKey");
    private static readonly Sql Requeue = Sql.At("Jobs/Storage/ReplaceQueued");
    private static readonly Sql FindInput = Sql.At("Jobs/Storage/FindInput");
    private static readonly Sql Rewrite = Sql.At("Jobs/Storage/ReplaceJob");
    private static readonly Sql Forget = Sql.At("Jobs/Storage/DeletePayload");

    /// <summary>Of a debounced call: the job whose place it may take.</summary>
    public static RowLock LockOf(HeldKey held) => new(LockAll, null, held.Key);

    /// <summary>What the key's job means for this call. Null: it makes one of its own.</summary>
    public static async ValueTask<Acceptance?> AnswerAsync(Session session, NewJob job, HeldKey held)
    {
        var answer = held.LatestStart is null ? await GivenAsync(session, job, held).ConfigureAwait(false) : await ReplacedAsync(session, job, held).ConfigureAwait(false);
        // Its idempotency key belongs to the job it was given, too.
        if (JobOf(answer) is { } given && job.Idempotency is { } key && !await AcceptJob.TakeKeyAsync(session, job, key, given).ConfigureAwait(false)) throw AcceptJob.TakenMeanwhile;
        return answer;
    }

    /// <summary>The job that was just inserted holds the key from now on.</summary>
    public static async ValueTask TakeAsync(Session session, NewJob job, HeldKey held)
    {
        session.Use(Hold).Bind(1, held.Key).Bind(2, held.LatestStart).Bind(3, job.Origin.Id).Send();
        if (held.Window is { } window && !await AcceptJob.TakeKeyAsync(session, job, window).ConfigureAwait(false)) throw AcceptJob.TakenMeanwhile;
    }

    private static JobId? JobOf(Acceptance? answer) => answer switch
    {
        Acceptance.Repeat repeat => repeat.Job,
        Acceptance.Replaced replaced => replaced.Job,
        _ => null,
    };

    /// <summary>Of a unique key: its job, which nobody needs to keep as it is.</summary>
    private static async ValueTask<Acceptance?> GivenAsync(Session session, NewJob job, HeldKey held)
    {
        using (var find = session.Use(Find).Bind(1, held.Key))
        {
            if (await find.StepAsync().ConfigureAwait(false)) return new Acceptance.Repeat(find.JobId(0), Same: true);
        }
        return held.Window is { } window && await AcceptJob.KeptAsync(session, job, window).ConfigureAwait(false) is { } kept ? kept with { Same = true } : null;
    }

    /// <summary>Of a debounced one: the job whose place the call took. Null: nobody holds the key any more.</summary>
    private static async ValueTask<Acceptance?> ReplacedAsync(Session session, NewJob job, HeldKey held)
    {
        JobId holder;
        bool waits;
        using (var find = session.Use(Lock).Bind(1, job.Pool).Bind(2, held.Key))
        {
            if (!await find.StepAsync().ConfigureAwait(false)) return null;
            (holder, waits) = (find.JobId(0), find.Int64(1) == 1);
        }
        if (waits && await ReplaceAsync(session, holder, job, held).ConfigureAwait(false) is { } answer) return answer;
        session.Use(Release).Bind(1, held.Key).Send();
        return null;
    }

    /// <summary>Null: this very transaction has claimed it.</summary>
    private static async ValueTask<Acceptance?> ReplaceAsync(Session session, JobId waiting, NewJob job, HeldKey held)
    {
        // What is held for it only grows: what the last input does not need is given back when it has ended.
        if (job.Reservation is { } reservation)
        {
            var lacking = reservation.Nano - await Ledger.HeldAsync(session, waiting).ConfigureAwait(false);
            if (lacking > 0 && await Ledger.TryReserveAsync(session, waiting, reservation.Limits, lacking).ConfigureAwait(false) is { } refusal) return new Acceptance.OverBudget(refusal);
        }
        var replaced = await session.Use(Requeue)
            .Bind(1, job.Due).Bind(2, job.Deadline).Bind(3, job.CacheInput).Bind(4, job.MadeAnew ? 1 : (long?)null).Bind(5, waiting).Bind(6, held.Key).Bind(7, job.Pool)
            .ExecuteAsync().ConfigureAwait(false) == 1;
        if (!replaced) return null;
        long? old;
        using (var find = session.Use(FindInput).Bind(1, waiting))
        {
            old = await find.StepAsync().ConfigureAwait(false) ? find.Int64OrNull(0) : null;
        }
        if (old is { } gone) session.Use(Forget).Bind(1, gone).Send();
        var (body, about) = held.SealedFor(waiting);
        var input = await JobWrites.InsertPayloadAsync(session, body).ConfigureAwait(false);
        session.Use(Rewrite)
            .Bind(1, job.Origin.Actor).Bind(2, job.Origin.Definition).Bind(3, job.Deadline).Bind(4, job.DeliverBy).Bind(5, job.TraceParent).Bind(6, job.Origin.Subject)
            .Bind(7, about).Bind(8, job.Searchable).Bind(9, job.Origin.Endpoints).Bind(10, input).Bind(11, job.InputType).Bind(12, waiting)
            .Send();
        AuditTrail.Append(session, (job.Origin with { Id = waiting }).Audit(AuditActions.Replaced), job.Created);
        return new Acceptance.Replaced(waiting);
    }
}

/// <summary>A key that a job is to hold while it is under way.</summary>
/// <param name="Key">Its MAC.</param>
internal sealed record HeldKey(byte[] Key)
{
    /// <summary>Kept for this long after acceptance, whatever became of the job; null: only while it is under way.</summary>
    public IdempotencyClaim? Window { get; init; }

    /// <summary>Of a debounced job: when it starts at the latest, in milliseconds since 1970. Null: it is not replaced, but given to whoever calls again.</summary>
    public long? LatestStart { get; init; }

    /// <summary>Input and what is told about it, sealed for the job whose place they take: what is sealed names its job.</summary>
    public required Func<JobId, (byte[] Input, byte[]? About)> SealedFor { get; init; }

    public Claim Claim => new("held key", Convert.ToHexString(Key), OnEveryNode: true);
}

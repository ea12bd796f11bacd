using Headway.Audit;
using Headway.Budgets;
using Headway.Payloads;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>
/// Accepts a job: record, input, queue row, idempotency key and audit event in one transaction. Given a lease, the job is also claimed for
/// this node, unless a claimable job of its pool ranks equal or higher: nobody jumps the queue.
/// </summary>
internal sealed class AcceptJob(NewJob job, AuditEvent? audit) : Write<Acceptance>
{
    private static readonly Sql Take = Sql.At("Jobs/Storage/InsertIdempotency");
    private static readonly Sql Find = Sql.At("Jobs/Storage/FindIdempotency");
    private static readonly Sql QueuedInPool = Sql.At("Jobs/Storage/CountQueued");
    private static readonly Sql QueuedOfTenant = Sql.At("Jobs/Storage/CountQueuedOf");

    /// <summary>The lease to claim it under; null: leave it to be claimed.</summary>
    public long? Lease { get; init; }

    /// <summary>Claim even if others wait: sync and stream calls own their slot by having entered the pool.</summary>
    public bool HoldsSlot { get; init; }

    /// <summary>`started`, written when the job is claimed at once; null for modes that tell of their start otherwise.</summary>
    public AuditEvent? Started { get; init; }

    /// <summary>The room in the pool's queue; null: no bound (the pool bounds it).</summary>
    public QueueRoom? Room { get; init; }

    /// <summary>How many may be queued in the pool.</summary>
    public int QueuedLimit { get; init; }

    /// <summary>The room that the tenant has in all queues; null: no bound.</summary>
    public QueueRoom? TenantRoom { get; init; }

    /// <summary>How many jobs of the tenant may be queued.</summary>
    public int TenantQueuedLimit { get; init; }

    internal override Writer Writer => Writer.Acceptances;

    // Budgets, and the place of a job that may be claimed or end.
    internal override bool MeetsChanges => job.Reservation is not null || job.Hold is { LatestStart: not null };

    internal override IReadOnlyList<Claim> Claims => job.Claims;

    internal override RowLock? LocksFirst => job.Hold is { LatestStart: not null } hold ? HeldKeys.LockOf(hold) : null;

    // The job whose place it takes is known by its key alone.
    internal override bool FindsItsJobs => job.Hold?.LatestStart is not null;

    protected override async ValueTask<Acceptance> ApplyAsync(Session session)
    {
        // A repeat is answered even when the queue is full; a new key is taken only when the job is.
        if (await KeptAsync(session, job).ConfigureAwait(false) is { } repeat) return repeat;
        if (job.Key is { } sealing) await KeyStore.HoldAsync(session, sealing).ConfigureAwait(false);
        if (job.Hold is { } held && await HeldKeys.AnswerAsync(session, job, held).ConfigureAwait(false) is { } answer) return answer;
        var (lease, standing) = HoldsSlot ? (Lease, null) : await TryClaimAsync(session).ConfigureAwait(false);
        if (lease is null && TenantRoom is not null && !await TenantRoom.TryTakeAsync(session, CountOfTenant, TenantQueuedLimit, job.Created).ConfigureAwait(false)) return new Acceptance.TenantFull();
        if (lease is null && Room is not null && !await Room.TryTakeAsync(session, CountOfPool, QueuedLimit, job.Created).ConfigureAwait(false)) return new Acceptance.Full();
        if (job.Reservation is { } reservation && await Ledger.TryReserveAsync(session, job.Origin.Id, reservation.Limits, reservation.Nano).ConfigureAwait(false) is { } refusal) return new Acceptance.OverBudget(refusal);
        if (job.Idempotency is { } key && !await TakeKeyAsync(session, job, key).ConfigureAwait(false))
        {
            if (job.Reservation is not null) await Ledger.SettleAsync(session, job.Origin.Id, 0).ConfigureAwait(false);
            return await KeptAsync(session, job).ConfigureAwait(false) ?? throw TakenMeanwhile;
        }
        await JobWrites.InsertJobAsync(session, job).ConfigureAwait(false);
        await JobWrites.InsertQueuedAsync(session, job, lease, standing).ConfigureAwait(false);
        if (lease is not null && standing is { Start: var start }) Turns.Advance(session, job.Pool, start + Turns.Behind(job.Priority));
        if (job.Hold is { } hold) await HeldKeys.TakeAsync(session, job, hold).ConfigureAwait(false);
        if (audit is not null) AuditTrail.Begin(session, audit, job.Created);
        if (lease is not null && Started is not null) AuditTrail.Append(session, Started, job.Created);
        return new Acceptance.Accepted(lease is not null);
    }

    /// <summary>The job that the call's key already belongs to.</summary>
    public static ValueTask<Acceptance.Repeat?> KeptAsync(Session session, NewJob job) => job.Idempotency is { } key ? KeptAsync(session, job, key) : default;

    public static async ValueTask<Acceptance.Repeat?> KeptAsync(Session session, NewJob job, IdempotencyClaim key)
    {
        using var find = session.Use(Find).Bind(1, key.Scope).Bind(2, job.Origin.Tenant).Bind(3, key.Key).Bind(4, job.Created);
        return await find.StepAsync().ConfigureAwait(false) ? new Acceptance.Repeat(find.JobId(0), Same: find.Blob(1).AsSpan().SequenceEqual(key.Fingerprint)) : null;
    }

    /// <summary>False: it is another job's by now.</summary>
    /// <param name="owner">Whose it is to be; null: the job's own.</param>
    public static async ValueTask<bool> TakeKeyAsync(Session session, NewJob job, IdempotencyClaim key, JobId? owner = null) => await session.Use(Take)
        .Bind(1, key.Scope).Bind(2, job.Origin.Tenant).Bind(3, key.Key).Bind(4, key.Fingerprint).Bind(5, owner ?? job.Origin.Id).Bind(6, key.Expires).Bind(7, job.Created)
        .ExecuteAsync().ConfigureAwait(false) == 1;

    /// <summary>Taken by a job that is not to be seen yet, and gone again before it was: to be tried again.</summary>
    public static StorageException TakenMeanwhile => new("storage-unavailable", "The idempotency key was taken by another call at the same moment. Ask again.");

    /// <summary>The lease, if nobody has an earlier turn.</summary>
    private async ValueTask<(long? Lease, Standing? Standing)> TryClaimAsync(Session session)
    {
        if (Lease is null) return (null, null);
        // Asked together: on PostgreSQL one trip.
        var (turn, queue) = (Turns.ReadAsync(session, job.Pool, job.Origin.Tenant, job.Priority).AsTask(), QueueFront.ReadAsync(session, job.Pool).AsTask());
        var (standing, front) = (await turn.ConfigureAwait(false), await queue.ConfigureAwait(false));
        return (front.IsBefore(standing.Start + Turns.Behind(job.Priority)) ? null : Lease, standing);
    }

    private Statement CountOfPool(Session session) => CountOfPool(session, job.Pool, QueuedLimit);

    private Statement CountOfTenant(Session session) => CountOfTenant(session, job.Gate, TenantQueuedLimit);

    public static Statement CountOfPool(Session session, long pool, int limit) => session.Use(QueuedInPool).Bind(1, pool).Bind(2, limit);

    public static Statement CountOfTenant(Session session, string? gate, int limit) => session.Use(QueuedOfTenant).Bind(1, gate).Bind(2, limit);
}

/// <summary>What became of a job at the door.</summary>
internal abstract record Acceptance
{
    /// <summary>It is durable; claimed tells whether this node runs it at once.</summary>
    public sealed record Accepted(bool Claimed) : Acceptance;

    /// <summary>The idempotency key is another job's.</summary>
    public sealed record Repeat(JobId Job, bool Same) : Acceptance;

    /// <summary>A job that waited has its input now.</summary>
    public sealed record Replaced(JobId Job) : Acceptance;

    /// <summary>A budget has no room for what it may cost.</summary>
    public sealed record OverBudget(BudgetRefusal Refusal) : Acceptance;

    /// <summary>The pool's queue is full.</summary>
    public sealed record Full : Acceptance;

    /// <summary>The tenant has as many jobs queued as it may.</summary>
    public sealed record TenantFull : Acceptance;
}

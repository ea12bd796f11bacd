using Headway.Audit;
using Headway.Budgets;
using Headway.Storage;
using Headway.Storage.Sqlite;

namespace Headway.Jobs.Storage;

/// <summary>
/// Accepts a job: record, input, queue row, idempotency key and audit event in one transaction. Given a lease, the job is also claimed for
/// this node, unless a claimable job of its pool ranks equal or higher: nobody jumps the queue.
/// </summary>
internal sealed class AcceptJob(NewJob job, AuditEvent? audit) : Write<Acceptance>
{
    private static readonly Sql Take = Sql.At("Jobs/Storage/InsertIdempotency");
    private static readonly Sql Find = Sql.At("Jobs/Storage/FindIdempotency");
    private static readonly Sql Ranks = Sql.At("Jobs/Storage/RanksBefore");

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

    protected override Acceptance Apply(SqliteSession session)
    {
        // A repeat is answered even when the queue is full; a new key is taken only when the job is.
        if (Kept(session, job) is { } repeat) return repeat;
        var lease = Lease is not null && (HoldsSlot || !OthersFirst(session)) ? Lease : null;
        if (lease is null && Room?.TryTake(session, job.Pool, QueuedLimit, job.Created) is false) return new Acceptance.Full();
        if (job.Reservation is { } reservation && Ledger.TryReserve(session, job.Origin.Id, reservation.Limits, reservation.Nano) is { } refusal) return new Acceptance.OverBudget(refusal);
        if (job.Idempotency is { } claim) TakeKey(session, job, claim);
        JobWrites.InsertJob(session, job);
        JobWrites.InsertQueued(session, job, lease);
        if (audit is not null) AuditTrail.Begin(session, audit, job.Created);
        if (lease is not null && Started is not null) AuditTrail.Append(session, Started, job.Created);
        return new Acceptance.Accepted(lease is not null);
    }

    /// <summary>The job that the call's key already belongs to.</summary>
    public static Acceptance.Repeat? Kept(SqliteSession session, NewJob job)
    {
        if (job.Idempotency is not { } key) return null;
        using var find = session.Use(Find).Bind(1, job.Pool).Bind(2, job.Origin.Tenant).Bind(3, key.Key).Bind(4, job.Created);
        return find.Step() ? new Acceptance.Repeat(find.JobId(0), Same: find.Blob(1).AsSpan().SequenceEqual(key.Fingerprint)) : null;
    }

    public static void TakeKey(SqliteSession session, NewJob job, IdempotencyClaim key) => session.Use(Take)
        .Bind(1, job.Pool).Bind(2, job.Origin.Tenant).Bind(3, key.Key).Bind(4, key.Fingerprint).Bind(5, job.Origin.Id).Bind(6, key.Expires)
        .Execute();

    private bool OthersFirst(SqliteSession session)
    {
        using var ranks = session.Use(Ranks).Bind(1, job.Pool).Bind(2, job.Rank);
        ranks.Step();
        return ranks.Int64(0) == 1;
    }
}

/// <summary>What became of a job at the door.</summary>
internal abstract record Acceptance
{
    /// <summary>It is durable; claimed tells whether this node runs it at once.</summary>
    public sealed record Accepted(bool Claimed) : Acceptance;

    /// <summary>The idempotency key is another job's.</summary>
    public sealed record Repeat(JobId Job, bool Same) : Acceptance;

    /// <summary>A budget has no room for what it may cost.</summary>
    public sealed record OverBudget(BudgetRefusal Refusal) : Acceptance;

    /// <summary>The pool's queue is full.</summary>
    public sealed record Full : Acceptance;
}

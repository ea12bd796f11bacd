using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>A worker claims: it is alive, and its lease goes on. Who has none is given one. Null: it is lost.</summary>
/// <remarks>
/// Apart from what it claims: the row of a lease is changed by nobody who holds a pool. A node that has changed it, and then waits for a pool, would else wait for one that has the
/// pool and waits for the row.
/// </remarks>
internal sealed class SignOn(string worker, long? lease, long expires, IReadOnlyList<WantedPool> pools, long now) : Write<long?>
{
    private static readonly Sql Renew = Sql.At("Jobs/Storage/RenewSession");

    internal override RowLock? LocksFirst => lease is { } held ? RenewLease.LockOf(held) : null;

    // A worker has one epoch for each lease: who lost his signs on anew.
    private const int Epoch = 1;

    protected override async ValueTask<long?> ApplyAsync(Session session)
    {
        var number = lease ?? await new TakeLease(worker, Epoch, expires, "worker", now).WithinAsync(session).ConfigureAwait(false);
        if (await session.Use(Renew).Bind(1, expires).Bind(2, WorkerPools.Listed(pools)).Bind(3, number).ExecuteAsync().ConfigureAwait(false) == 1) return number;
        // Asked so long ago that a new one is over before it begins: nothing is left of it.
        if (lease is null) await session.Use(EndSession.End).Bind(1, number).ExecuteAsync().ConfigureAwait(false);
        return null;
    }
}

/// <summary>Ends the lease of a worker. False: something is held under it, by a claim that came meanwhile.</summary>
internal sealed class EndSession(long lease) : Write<bool>
{
    private static readonly Sql Lock = Sql.At("Jobs/Storage/IsLost");
    internal static readonly Sql End = Sql.At("Jobs/Storage/EndSession");

    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        // Locked first: a claim under it has ended by then, and what it took is seen by the next statement, as it would not be by this one.
        using (var locked = session.Use(Lock).Bind(1, long.MaxValue).Bind(2, lease))
        {
            if (!await locked.StepAsync().ConfigureAwait(false)) return true;
        }
        return await session.Use(End).Bind(1, lease).ExecuteAsync().ConfigureAwait(false) == 1;
    }
}

using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>Takes a lease: a number that no node ever had.</summary>
internal sealed class TakeLease(string node, int epoch, long expires, string version, long now) : Write<long>
{
    private static readonly Sql Take = Sql.At("Jobs/Storage/TakeLease");

    protected override async ValueTask<long> ApplyAsync(Session session)
    {
        using var take = session.Use(Take).Bind(1, node).Bind(2, epoch).Bind(3, expires).Bind(4, version).Bind(5, now);
        await take.StepAsync().ConfigureAwait(false);
        return take.Int64(0);
    }
}

/// <summary>False: the lease was lost, and what it held is or will be another's.</summary>
internal sealed class RenewLease(long lease, long expires) : Write<bool>
{
    private static readonly Sql Renew = Sql.At("Jobs/Storage/RenewLease");
    private static readonly Sql Lock = Sql.At("Jobs/Storage/LockLeases");

    internal override RowLock LocksFirst => LockOf(lease);

    /// <summary>Sessions of workers are renewed at any node, many at once.</summary>
    public static RowLock LockOf(long lease) => new(Lock, lease);

    protected override async ValueTask<bool> ApplyAsync(Session session) => await session.Use(Renew).Bind(1, expires).Bind(2, lease).ExecuteAsync().ConfigureAwait(false) == 1;
}

/// <summary>Gives the leases of workers a further while.</summary>
internal sealed class ExtendSessions(long expires) : Write<int>
{
    private static readonly Sql Extend = Sql.At("Jobs/Storage/ExtendSessions");

    protected override async ValueTask<int> ApplyAsync(Session session) => await session.Use(Extend).Bind(1, expires).ExecuteAsync().ConfigureAwait(false);
}

internal sealed class EndLease(long lease) : Write<bool>
{
    private static readonly Sql End = Sql.At("Jobs/Storage/EndLease");

    protected override async ValueTask<bool> ApplyAsync(Session session) => await session.Use(End).Bind(1, lease).ExecuteAsync().ConfigureAwait(false) == 1;
}

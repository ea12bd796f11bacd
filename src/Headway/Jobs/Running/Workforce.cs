using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>Who works for a pool, on all nodes together: what this node has now, and what the others told.</summary>
internal sealed class Workforce(Database database, Pools pools, NodeLease lease)
{
    private volatile IReadOnlyDictionary<long, PoolShare> _others = new Dictionary<long, PoolShare>();
    private Dictionary<long, PoolShare> _told = [];
    private long _toldAs;

    /// <summary>Of a pool that nobody alive works for it has no slots.</summary>
    public PoolShare Of(long pool)
    {
        var others = _others.GetValueOrDefault(pool);
        return pools.OfJobs(pool) is { } own ? Sum(pool, [ShareOf(pool, own), others]) : others;
    }

    /// <summary>Tells the others what has changed here, and hears what they have.</summary>
    public async Task ExchangeAsync()
    {
        if (!database.IsShared) return;
        var number = lease.Number;
        if (number != _toldAs) _told = [];
        var now = pools.Claimed.Select(claimed => ShareOf(claimed.Key, claimed.Value)).ToList();
        var changed = now.Where(share => !_told.TryGetValue(share.Pool, out var told) || told != share).ToList();
        if (changed.Count > 0)
        {
            await database.WriteAsync(new TellShares(number, changed)).ConfigureAwait(false);
            foreach (var share in changed) _told[share.Pool] = share;
            _toldAs = number;
        }
        var others = await database.ReadAsync(session => TellShares.OfOthersAsync(session, number, database.Now)).ConfigureAwait(false);
        _others = others.GroupBy(share => share.Pool).ToDictionary(group => group.Key, group => Sum(group.Key, [.. group]));
    }

    private static PoolShare ShareOf(long number, Pool pool) => new(number, pool.Concurrency, pool.Taken, pool.Measured, pool.Pace ?? TimeSpan.Zero);

    // Each node's mean counts as much as it has measured.
    private static PoolShare Sum(long pool, IReadOnlyList<PoolShare> shares)
    {
        var measured = shares.Sum(share => share.Measured);
        var took = measured == 0 ? TimeSpan.Zero : TimeSpan.FromTicks((long)shares.Sum(share => share.Took.Ticks * ((double)share.Measured / measured)));
        return new PoolShare(pool, shares.Sum(share => share.Slots), shares.Sum(share => share.Taken), measured, took);
    }
}

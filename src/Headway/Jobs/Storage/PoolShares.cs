using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>What a node has of a pool.</summary>
/// <param name="Measured">How many jobs were measured lately, up to a bound.</param>
/// <param name="Took">How long they held their slot in the mean.</param>
internal readonly record struct PoolShare(long Pool, int Slots, int Taken, int Measured, TimeSpan Took);

/// <summary>Tells the other nodes what this one has of its pools, as far as it changed, and forgets what nodes told that are gone.</summary>
internal sealed class TellShares(long lease, IReadOnlyList<PoolShare> changed) : Write<bool>
{
    private static readonly Sql Tell = Sql.At("Jobs/Storage/TellShare");
    private static readonly Sql Drop = Sql.At("Jobs/Storage/DropLostShares");
    private static readonly Sql Read = Sql.At("Jobs/Storage/ReadShares");

    protected override ValueTask<bool> ApplyAsync(Session session)
    {
        foreach (var share in changed) session.Use(Tell).Bind(1, lease).Bind(2, share.Pool).Bind(3, share.Slots).Bind(4, share.Taken).Bind(5, share.Measured).Bind(6, share.Took.Ticks / TimeSpan.TicksPerMicrosecond).Send();
        session.Use(Drop).Send();
        return ValueTask.FromResult(true);
    }

    /// <summary>What the other nodes have that are alive.</summary>
    public static async ValueTask<IReadOnlyList<PoolShare>> OfOthersAsync(Session session, long lease, long now)
    {
        var shares = new List<PoolShare>();
        using var read = session.Use(Read).Bind(1, lease).Bind(2, now);
        while (await read.StepAsync().ConfigureAwait(false)) shares.Add(new PoolShare(read.Int64(0), read.Int32(1), read.Int32(2), read.Int32(3), TimeSpan.FromMicroseconds(read.Int64(4))));
        return shares;
    }
}

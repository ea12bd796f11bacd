using Headway.Storage;
using Headway.Storage.Sqlite;

namespace Headway.Jobs.Storage;

/// <summary>Makes scheduled jobs claimable whose time has come; returns the pools that got any.</summary>
internal sealed class PromoteDue(long now, int limit) : Write<IReadOnlyList<long>>
{
    private static readonly Sql Promote = Sql.At("Jobs/Storage/PromoteDue");

    protected override IReadOnlyList<long> Apply(SqliteSession session)
    {
        var pools = new List<long>();
        using var promote = session.Use(Promote).Bind(1, now).Bind(2, limit);
        while (promote.Step()) pools.Add(promote.Int64(0));
        return pools;
    }
}

using Headway.Storage;
using Headway.Storage.Sqlite;

namespace Headway.Jobs.Storage;

/// <summary>Takes a lease: a number that no node ever had.</summary>
internal sealed class TakeLease(string node, int epoch, long expires, string version, long now) : Write<long>
{
    private static readonly Sql Take = Sql.At("Jobs/Storage/TakeLease");

    protected override long Apply(SqliteSession session)
    {
        session.Use(Take).Bind(1, node).Bind(2, epoch).Bind(3, expires).Bind(4, version).Bind(5, now).Execute();
        return session.LastRowId;
    }
}

/// <summary>False: the lease was lost, and what it held is or will be another's.</summary>
internal sealed class RenewLease(long lease, long expires) : Write<bool>
{
    private static readonly Sql Renew = Sql.At("Jobs/Storage/RenewLease");

    protected override bool Apply(SqliteSession session) => session.Use(Renew).Bind(1, expires).Bind(2, lease).Execute() == 1;
}

internal sealed class EndLease(long lease) : Write<bool>
{
    private static readonly Sql End = Sql.At("Jobs/Storage/EndLease");

    protected override bool Apply(SqliteSession session) => session.Use(End).Bind(1, lease).Execute() == 1;
}

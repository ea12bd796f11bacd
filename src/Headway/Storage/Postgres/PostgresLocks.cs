using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Headway.Storage.Postgres;

/// <summary>Locks of the database for what no row stands for: the writes of other nodes that claim the same wait until this transaction has ended.</summary>
internal static class PostgresLocks
{
    // In one order, so that two groups that want the same locks do not wait for each other.
    public static readonly Sql Lock = Sql.Of("lock", "SELECT CASE WHEN pg_advisory_xact_lock(k) IS NULL THEN 1 ELSE 1 END FROM (SELECT DISTINCT k FROM unnest($1) AS k ORDER BY k OFFSET 0) AS sorted");

    public static void Take(Session session, IReadOnlyList<Claim> claims)
    {
        foreach (var claim in claims)
        {
            if (claim.OnEveryNode) session.Use(Lock).Bind(1, NumberOf(claim)).Send();
        }
    }

    // Two claims with one number would wait for each other without need, and do no harm.
    private static long NumberOf(Claim claim) =>
        BinaryPrimitives.ReadInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"headway {claim.Kind} {claim.Key}"))));
}

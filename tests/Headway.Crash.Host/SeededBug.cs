using System.Reflection;
using System.Text;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Crash.Host;

/// <summary>
/// Makes the engine wrong on purpose, to show that the checker notices: a statement is replaced by one that forgets a part of its duty.
/// The product has no switch for this; the bytes of the statement are overwritten from here.
/// </summary>
internal static class SeededBug
{
    public static void Plant(string bug)
    {
        switch (bug)
        {
            case "ignored-conflict":
                Replace(typeof(AcceptJob), "Find", "SELECT job, fingerprint FROM idempotency WHERE pool = $1 AND tenant = $2 AND key = $3 AND $4 < 0");
                // The statement that takes the key looks by itself as well.
                Replace(typeof(AcceptJob), "Take", "INSERT INTO idempotency (pool, tenant, key, fingerprint, job, expires) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (pool, tenant, key) DO UPDATE SET job = excluded.job WHERE $7 > 0");
                break;
            case "lost-release":
                Replace(typeof(RetryJob), "Schedule", "DELETE FROM queue WHERE $1 IS $1 AND $2 IS $2 AND $3 IS $3 AND $4 IS $4 AND $5 IS $5 AND $6 IS $6 AND $7 IS $7 AND job = $8 AND lease = $9 AND attempt = $10");
                break;
            case "uncounted-attempt":
                Replace(typeof(ClaimJobs), "Next", "UPDATE queue SET state = 2, lease = $1, attempt = max(attempt, 1), started = $2 WHERE job IN (SELECT job FROM queue WHERE pool = $3 AND state = 1 AND gate IS NULL ORDER BY rank, job LIMIT $4) RETURNING job, attempt, failures, crashes, rank");
                break;
            default:
                throw new ArgumentException($"There is no seeded bug {bug}.", nameof(bug));
        }
    }

    private static void Replace(Type operation, string statement, string text)
    {
        var sql = (Sql)operation.GetField(statement, BindingFlags.Static | BindingFlags.NonPublic)!.GetValue(null)!;
        var bytes = Encoding.UTF8.GetBytes(text);
        if (bytes.Length >= sql.Utf8.Length) throw new InvalidOperationException($"The seeded text of {sql.Name} is longer than the statement.");
        bytes.CopyTo(sql.Utf8, 0);
        sql.Utf8.AsSpan(bytes.Length, sql.Utf8.Length - 1 - bytes.Length).Fill((byte)' ');
    }
}

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
                break;
            case "lost-release":
                Replace(typeof(RetryJob), "Schedule", "DELETE FROM queue WHERE $1 IS $1 AND $2 IS $2 AND $3 IS $3 AND $4 IS $4 AND $5 IS $5 AND job = $6 AND lease = $7 AND attempt = $8");
                break;
            case "uncounted-attempt":
                Replace(typeof(ClaimJobs), "Claim", "UPDATE queue SET state = 2, lease = $1, attempt = max(attempt, 1), started = $2 WHERE job IN (SELECT job FROM queue WHERE pool = $3 AND state = 1 ORDER BY rank, job LIMIT $4) RETURNING job, attempt, failures, crashes");
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

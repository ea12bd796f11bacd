using Headway.Storage;
using Headway.Storage.Sqlite;

namespace Headway.Caching;

/// <summary>An answer that may be given again. Times are milliseconds since 1970; the body is sealed as the result of its job.</summary>
internal sealed record CachedAnswer(byte[] Key, JobId Job, byte[] Body, string MediaType, string? Model, long Created, long Expires);

/// <summary>The statements of the cache. An answer is kept by the transaction that records its job, so none is ever given that was not recorded.</summary>
internal static class CachedAnswers
{
    /// <summary>Some 16,000 tokens, sealed: longer answers are seldom asked for twice, and would push many short ones out.</summary>
    public const int LargestBody = 64 * 1024;

    /// <summary>With <see cref="LargestBody"/> no more than 256 MiB of the file. Beyond it the oldest go.</summary>
    public const int Most = 4_096;

    private static readonly Sql FindSql = Sql.At("Caching/FindCached");
    private static readonly Sql Forget = Sql.At("Caching/ForgetCached");
    private static readonly Sql Insert = Sql.At("Caching/InsertCached");
    private static readonly Sql Trim = Sql.At("Caching/TrimCached");
    private static readonly Sql PruneSql = Sql.At("Caching/PruneCached");

    public static CachedAnswer? Find(SqliteSession session, byte[] key, long now)
    {
        using var find = session.Use(FindSql).Bind(1, key).Bind(2, now);
        return find.Step() ? new CachedAnswer(key, find.JobId(0), find.Blob(1)!, find.Text(2)!, find.Text(3), find.Int64(4), find.Int64(5)) : null;
    }

    /// <summary>Takes the place of an older answer to the same.</summary>
    public static void Keep(SqliteSession session, CachedAnswer answer)
    {
        session.Use(Forget).Bind(1, answer.Key).Execute();
        session.Use(Insert).Bind(1, answer.Key).Bind(2, answer.Job).Bind(3, answer.Body).Bind(4, answer.MediaType).Bind(5, answer.Model)
            .Bind(6, answer.Created).Bind(7, answer.Expires).Execute();
        session.Use(Trim).Bind(1, session.LastRowId - Most).Execute();
    }

    /// <summary>Removes what has expired, in a bounded batch; gives how many.</summary>
    public static int Prune(SqliteSession session, long now, int limit) => session.Use(PruneSql).Bind(1, now).Bind(2, limit).Execute();
}

using Headway.Storage;

namespace Headway.Caching;

/// <summary>An answer that may be given again. Times are milliseconds since 1970; the body is sealed as the result of its job.</summary>
internal sealed record CachedAnswer(string Tenant, byte[] Key, JobId Job, byte[] Body, string MediaType, string? Model, AnswerPieces Pieces, long Created, long Expires);

/// <summary>How a stream showed an answer: whole at its end, as pieces of prose, or value by value. The numbers are stored.</summary>
internal enum AnswerPieces : byte { Whole = 0, Prose = 1, Values = 2 }

/// <summary>How much is kept, in bytes.</summary>
internal readonly record struct CacheRoom(long OfTenant, long InAll)
{
    /// <summary>A thousand of the largest answers, or 65,536 small ones, of each tenant; four tenants can be full at once. A cache as large as the history it is beside would be no saving.</summary>
    public static readonly CacheRoom Usual = new(64L << 20, 256L << 20);
}

/// <summary>The statements of the cache.</summary>
/// <remarks>
/// Invariants. An answer is kept by the transaction that ends its job, so none is ever given that was not recorded. A tenant keeps at most its room,
/// and beyond it loses its own oldest; when all together keep too much, it is the tenant that keeps most who loses: whoever keeps no more than an even
/// share of the room loses nothing to others.
/// </remarks>
internal static class CachedAnswers
{
    /// <summary>Some 16,000 tokens, sealed: longer answers are seldom asked for twice, and would push many short ones out.</summary>
    public const int LargestBody = 64 * 1024;

    /// <summary>What an answer counts at least: its row and index entries, so that the room bounds their number as well.</summary>
    public const int LeastSize = 1024;

    private static readonly Sql FindSql = Sql.At("Caching/FindCached");
    private static readonly Sql Forget = Sql.At("Caching/ForgetCached");
    private static readonly Sql Insert = Sql.At("Caching/InsertCached");
    private static readonly Sql DropOldest = Sql.At("Caching/DropOldestCached");
    private static readonly Sql SizeOf = Sql.At("Caching/CachedSizeOf");
    private static readonly Sql SizeOfAll = Sql.At("Caching/CachedSizeOfAll");
    private static readonly Sql Largest = Sql.At("Caching/LargestCachedTenant");
    private static readonly Sql PruneSql = Sql.At("Caching/PruneCached");

    /// <param name="since">Only one that was made then or later.</param>
    public static async ValueTask<CachedAnswer?> FindAsync(Session session, string tenant, byte[] key, long now, long since)
    {
        using var find = session.Use(FindSql).Bind(1, key).Bind(2, tenant).Bind(3, now).Bind(4, since);
        return await find.StepAsync().ConfigureAwait(false)
            ? new CachedAnswer(tenant, key, find.JobId(0), find.Blob(1)!, find.Text(2)!, find.Text(3), (AnswerPieces)find.Int64(4), find.Int64(5), find.Int64(6))
            : null;
    }

    /// <summary>Takes the place of an older answer to the same.</summary>
    public static ValueTask KeepAsync(Session session, CachedAnswer answer) => KeepAsync(session, answer, CacheRoom.Usual);

    public static async ValueTask KeepAsync(Session session, CachedAnswer answer, CacheRoom room)
    {
        session.Use(Forget).Bind(1, answer.Key).Send();
        session.Use(Insert).Bind(1, answer.Tenant).Bind(2, answer.Key).Bind(3, answer.Job).Bind(4, answer.Body).Bind(5, answer.MediaType).Bind(6, answer.Model)
            .Bind(7, (long)answer.Pieces).Bind(8, (long)Math.Max(answer.Body.Length, LeastSize)).Bind(9, answer.Created).Bind(10, answer.Expires).Send();
        // Each ends: what was just kept can go as well, and where there is nothing to drop a size was wrong, which must not hold the writer.
        while (await NumberAsync(session.Use(SizeOf).Bind(1, answer.Tenant)).ConfigureAwait(false) > room.OfTenant && await DropAsync(session, answer.Tenant).ConfigureAwait(false)) { }
        while (await NumberAsync(session.Use(SizeOfAll)).ConfigureAwait(false) > room.InAll && await DropAsync(session, await LargestTenantAsync(session).ConfigureAwait(false)).ConfigureAwait(false)) { }
    }

    /// <summary>Removes what has expired, in a bounded batch; gives how many.</summary>
    public static ValueTask<int> PruneAsync(Session session, long now, int limit) => session.Use(PruneSql).Bind(1, now).Bind(2, limit).ExecuteAsync();

    private static async ValueTask<bool> DropAsync(Session session, string tenant) => await session.Use(DropOldest).Bind(1, tenant).ExecuteAsync().ConfigureAwait(false) > 0;

    private static async ValueTask<string> LargestTenantAsync(Session session)
    {
        using var largest = session.Use(Largest);
        await largest.StepAsync().ConfigureAwait(false);
        return largest.Text(0)!;
    }

    private static async ValueTask<long> NumberAsync(Statement statement)
    {
        using (statement) return await statement.StepAsync().ConfigureAwait(false) ? statement.Int64(0) : 0;
    }
}

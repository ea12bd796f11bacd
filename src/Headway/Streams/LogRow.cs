using Headway.Storage;

namespace Headway.Streams;

/// <summary>The events of one flush: ids from first to last, the bytes sealed.</summary>
internal sealed record LogRow(long First, long Last, byte[] Body);

/// <summary>The statements of the output log.</summary>
internal static class LogWrites
{
    private static readonly Sql Insert = Sql.At("Streams/AppendLog");
    private static readonly Sql Page = Sql.At("Streams/ReadLog");

    // One reading of a long log stays short; the reader comes again.
    private const int PageRows = 64;

    public static void Append(Session session, JobId job, LogRow row) =>
        session.Use(Insert).Bind(1, job).Bind(2, row.First).Bind(3, row.Last).Bind(4, row.Body).Send();

    /// <summary>The next rows that hold events after an id.</summary>
    public static async ValueTask<List<LogRow>> ReadAsync(Session session, JobId job, long after)
    {
        var rows = new List<LogRow>();
        using var page = session.Use(Page).Bind(1, job).Bind(2, after).Bind(3, PageRows);
        while (await page.StepAsync().ConfigureAwait(false)) rows.Add(new LogRow(page.Int64(0), page.Int64(1), page.Blob(2)!));
        return rows;
    }
}

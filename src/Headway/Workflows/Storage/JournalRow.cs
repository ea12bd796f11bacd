using Headway.Storage;
using Headway.Workflows.History;

namespace Headway.Workflows.Storage;

/// <summary>A line of a journal as it is stored.</summary>
/// <param name="Body">Sealed.</param>
/// <param name="Attempt">That wrote it.</param>
internal sealed record JournalRow(JournalEntry Entry, byte[]? Body, int Attempt)
{
    private static readonly Sql Insert = Sql.At("Workflows/Storage/AppendJournal");
    private static readonly Sql Page = Sql.At("Workflows/Storage/ReadJournal");

    // One reading of a long journal stays short.
    private const int PageRows = 1_000;

    public void Append(Session session, JobId job) => session.Use(Insert)
        .Bind(1, job).Bind(2, Entry.Number).Bind(3, (long)Entry.Kind).Bind(4, Entry.Key.Name).Bind(5, Entry.Key.Occurrence).Bind(6, Entry.Fingerprint)
        .Bind(7, (long)Entry.Outcome).Bind(8, Body).Bind(9, Entry.Child).Bind(10, Entry.Began).Bind(11, Entry.Ended).Bind(12, Entry.Tries).Bind(13, Attempt)
        .Send();

    /// <summary>The lines after a number, as many as one reading takes.</summary>
    public static async ValueTask<List<JournalRow>> ReadAsync(Session session, JobId job, long after)
    {
        var rows = new List<JournalRow>();
        using var read = session.Use(Page).Bind(1, job).Bind(2, after).Bind(3, PageRows);
        while (await read.StepAsync().ConfigureAwait(false))
        {
            var entry = new JournalEntry(
                read.Int64(0), (EntryKind)read.Int64(1), new StepKey(read.Text(2)!, read.Int32(3)), read.Blob(4), (EntryOutcome)read.Int64(5), default,
                read.IsNull(7) ? null : read.JobId(7), read.Int64(8), read.Int64(9), read.Int32(10));
            rows.Add(new JournalRow(entry, read.Blob(6), read.Int32(11)));
        }
        return rows;
    }

    /// <summary>All of them.</summary>
    public static async ValueTask<List<JournalRow>> ReadAllAsync(Session session, JobId job)
    {
        var rows = new List<JournalRow>();
        List<JournalRow> page;
        do
        {
            page = await ReadAsync(session, job, rows.Count == 0 ? 0 : rows[^1].Entry.Number).ConfigureAwait(false);
            rows.AddRange(page);
        }
        while (page.Count == PageRows);
        return rows;
    }
}

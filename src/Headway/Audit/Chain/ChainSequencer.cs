using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Audit.Chain;

/// <summary>Chains what was told: reads committed events that have no link yet, makes their links, and appends them if the chain still ends where it did.</summary>
/// <remarks>
/// Any number of nodes may do so at once: one of them is first, the others made theirs in vain and look again. An event is taken from the not yet chained in
/// the transaction that writes its link, so none is chained twice and none is lost, wherever a node dies.
/// </remarks>
internal sealed class ChainSequencer(Database database, ILogger<ChainSequencer> logger)
{
    /// <summary>Events in a batch, some more where a note holds many: a transaction of some milliseconds.</summary>
    private const int Batch = 2_000;

    private static readonly Sql Next = Sql.At("Audit/Chain/NextUnchained");

    private sealed record Unchained(ChainHead Head, List<ToldEvent> Events, List<long> Notes, int Missing);

    /// <returns>How many events were chained, and whether there may be more at once.</returns>
    public async Task<(int Chained, bool More)> RunOnceAsync()
    {
        var (read, wasFirst) = await ChainAsync().ConfigureAwait(false);
        // Where another node was first, it goes on: no use in racing it.
        return wasFirst ? (read, read >= Batch) : default;
    }

    /// <summary>Everything that is there; in bounds, because others may tell more all the time.</summary>
    public async Task ChainRestAsync(int passes)
    {
        while (passes-- > 0 && (await ChainAsync().ConfigureAwait(false)).Read > 0)
        {
        }
    }

    private async Task<(int Read, bool WasFirst)> ChainAsync()
    {
        var unchained = await database.ReadAsync(ReadAsync).ConfigureAwait(false);
        if (unchained.Missing > 0) logger.LogError("{Count} audit events were removed before they were chained: somebody changes the database by hand", unchained.Missing);
        if (unchained.Notes.Count == 0) return (0, true);
        // Nobody waits for it, so it shares the transaction of others.
        return (unchained.Events.Count, await database.WriteSoonAsync(new AppendLinks(unchained.Head, LinksOf(unchained), unchained.Notes)).ConfigureAwait(false));
    }

    private static List<Link> LinksOf(Unchained unchained)
    {
        var (seq, previous) = (unchained.Head.Seq, unchained.Head.Hash);
        return unchained.Events.ConvertAll(told => new Link(told.Job, told.Id, previous = LinkHash.Of(previous, ++seq, LinkHash.Digest(told))));
    }

    // Each is noted until its link is there, so what is read here and appended behind that same end is not chained yet.
    private static async ValueTask<Unchained> ReadAsync(Session session)
    {
        var unchained = new Unchained(await ChainHead.ReadAsync(session).ConfigureAwait(false), [], [], 0);
        using var next = session.Use(Next).Bind(1, Batch);
        var missing = 0;
        while (await next.StepAsync().ConfigureAwait(false))
        {
            var note = next.Int64(0);
            if (session.Dialect is SqlDialect.Sqlite) unchained.Notes.Clear();
            if (unchained.Notes.Count == 0 || unchained.Notes[^1] != note) unchained.Notes.Add(note);
            if (next.IsNull(1)) missing++;
            else unchained.Events.Add(ToldEvent.Read(next, next.JobId(1), next.Int64(2), 3)!);
        }
        return unchained with { Missing = missing };
    }
}

using Headway.Storage;

namespace Headway.Audit.Chain;

/// <summary>A link that is to be written.</summary>
internal readonly record struct Link(JobId Job, long Event, byte[] Hash);

/// <summary>Appends links to the chain and takes their events from those that are not chained, unless somebody else was first.</summary>
/// <param name="head">The end that they were made for.</param>
/// <param name="notes">What to forget: on SQLite the number of the last event, on PostgreSQL the numbers of notes.</param>
internal sealed class AppendLinks(ChainHead head, IReadOnlyList<Link> links, IReadOnlyList<long> notes) : Write<bool>
{
    private static readonly Sql Append = Sql.At("Audit/Chain/AppendLinks");
    private static readonly Sql Forget = Sql.At("Audit/Chain/ForgetUnchained");

    internal override IReadOnlyList<Claim> Claims => [ChainHead.Claim];

    // On a connection of its own: nobody's call waits for another node's links.
    internal override Writer Writer => Writer.Upkeep;

    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        var now = await ChainHead.ReadAsync(session).ConfigureAwait(false);
        if (now.Seq != head.Seq || !now.Hash.AsSpan().SequenceEqual(head.Hash)) return false;
        if (session.Dialect is SqlDialect.Sqlite) await AppendByNumberAsync(session).ConfigureAwait(false);
        else AppendByName(session);
        foreach (var note in notes) session.Use(Forget).Bind(1, note).Send();
        return true;
    }

    private async ValueTask AppendByNumberAsync(Session session)
    {
        var hashes = new byte[links.Count * LinkHash.Length];
        for (var i = 0; i < links.Count; i++) links[i].Hash.CopyTo(hashes, i * LinkHash.Length);
        var appended = await session.Use(Append).Bind(1, head.Seq).Bind(2, hashes).Bind(3, notes[^1]).ExecuteAsync().ConfigureAwait(false);
        if (appended != links.Count) throw new InvalidOperationException($"{links.Count} events were to be chained, and {appended} are there: somebody removes events by hand.");
    }

    private void AppendByName(Session session)
    {
        for (var i = 0; i < links.Count; i++) session.Use(Append).Bind(1, head.Seq + i + 1).Bind(2, links[i].Job).Bind(3, links[i].Event).Bind(4, links[i].Hash).Send();
    }
}

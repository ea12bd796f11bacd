using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Headway.Audit.Chain;
using Headway.Audit.Checkpoints;
using Headway.Audit.Retention;
using Headway.Storage;

namespace Headway.Audit.Proof;

/// <summary>Writes the events of a tenant as lines of JSON that prove themselves: each with its place in the chain, and a signed checkpoint at the end.</summary>
internal sealed class AuditExport(Database database, SigningKeys keys, ChainSequencer sequencer, CheckpointMaker maker)
{
    private const int Page = 500;

    // Until what was told before the question is chained.
    private const int Passes = 1_000;

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly Sql FirstSince = Sql.At("Audit/Proof/FirstLinkSince");
    private static readonly Sql LastUntil = Sql.At("Audit/Proof/LastLinkUntil");
    private static readonly Sql HashAt = Sql.At("Audit/Proof/HashAt");

    /// <summary>What will be exported, chained and signed by now. Null: there is nothing.</summary>
    public async Task<ExportScope?> PrepareAsync(string tenant, DateTimeOffset? since, DateTimeOffset? until)
    {
        await sequencer.ChainRestAsync(Passes).ConfigureAwait(false);
        await maker.RunOnceAsync(atOnce: true).ConfigureAwait(false);
        var chain = (await keys.NewestAsync().ConfigureAwait(false)).Chain;
        var dropped = await database.ReadAsync(Segment.ReadAsync).ConfigureAwait(false);
        var first = since is { } begin ? await SeqAsync(FirstSince, begin).ConfigureAwait(false) : (dropped?.Last ?? 0) + 1;
        var last = until is { } end ? await SeqAsync(LastUntil, end).ConfigureAwait(false) : (await database.ReadAsync(ChainHead.ReadAsync).ConfigureAwait(false)).Seq;
        if (first is not { } from || last is not { } to || to < from) return null;
        var checkpoint = (await CheckpointMaker.ReadAsync(database, chain, to, 1).ConfigureAwait(false)).FirstOrDefault()
            ?? await maker.NewestAsync(chain).ConfigureAwait(false);
        if (checkpoint is null || checkpoint.Seq < from) return null;
        var previous = from == 1 ? LinkHash.Origin : await HashAsync(from - 1).ConfigureAwait(false);
        return new ExportScope(tenant, since, until, from - 1, previous, checkpoint);
    }

    public async Task WriteAsync(ExportScope scope, IBufferWriter<byte> output, Func<ValueTask> flush, CancellationToken stop)
    {
        var key = await keys.NewestAsync().ConfigureAwait(false);
        Line(output, json => ExportLine.Head(json, scope, key.Chain, key.PublicPem));
        for (var after = scope.After; after < scope.End.Seq;)
        {
            stop.ThrowIfCancellationRequested();
            var links = await ChainVerifier.LinksAsync(database, after, (int)Math.Min(Page, scope.End.Seq - after)).ConfigureAwait(false);
            if (links.Count == 0) break;
            foreach (var link in links.Where(link => link.Seq <= scope.End.Seq)) Line(output, json => ExportLine.Link(json, link, scope));
            after = links[^1].Seq;
            await flush().ConfigureAwait(false);
        }
        Line(output, scope.End.WriteTo);
        await flush().ConfigureAwait(false);
    }

    private static void Line(IBufferWriter<byte> output, Action<Utf8JsonWriter> write)
    {
        using (var json = new Utf8JsonWriter(output, Readable)) write(json);
        output.Write("\n"u8);
    }

    private ValueTask<long?> SeqAsync(Sql find, DateTimeOffset at) => database.ReadAsync(async session =>
    {
        using var link = session.Use(find).Bind(1, at.ToUnixTimeMilliseconds() * 1_000);
        return await link.StepAsync().ConfigureAwait(false) ? link.Int64(0) : (long?)null;
    });

    // A link that is gone is found by whoever checks the export: nothing follows from zeros.
    private ValueTask<byte[]> HashAsync(long seq) => database.ReadAsync(async session =>
    {
        using var hash = session.Use(HashAt).Bind(1, seq);
        return await hash.StepAsync().ConfigureAwait(false) ? hash.Blob(0)! : LinkHash.Origin;
    });
}

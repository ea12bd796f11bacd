using System.Globalization;
using Headway.Audit.Chain;
using Headway.Audit.Checkpoints;
using Headway.Audit.Retention;
using Headway.Storage;

namespace Headway.Audit.Proof;

/// <summary>Proves the chain of a database: every event, link, checkpoint and dropped segment, page by page, so that millions need no more memory than a thousand.</summary>
/// <param name="begun">When this node began: what nobody signed before, it signs within a minute.</param>
internal sealed class ChainVerifier(Database database, SigningKeys keys, DateTimeOffset begun)
{
    private const int Page = 1_000;

    // A node signs each minute; where nothing was signed for so long, somebody has taken checkpoints away, or no node worked.
    private static readonly TimeSpan UnsignedAtMost = TimeSpan.FromMinutes(5);

    private static readonly Sql ReadLinks = Sql.At("Audit/Proof/ReadLinks");
    private static readonly Sql Count = Sql.At("Audit/Proof/CountEvents");
    private static readonly Sql FindUnchained = Sql.At("Audit/Proof/FindUnchained");

    /// <summary>A link with what is there of its event.</summary>
    internal sealed record LinkedEvent(long Seq, JobId Job, long Event, byte[] Hash, ToldEvent? Told)
    {
        public string Name => NameOf(Job, Event);
    }

    /// <summary>Told the last link of each page, for tests that change something between two.</summary>
    public Func<long, Task>? OnPage { get; set; }

    /// <param name="shipped">Checkpoints that were kept outside, in the order of their links: what they say counts as what is stored does.</param>
    public async Task<ChainProof> VerifyAsync(IReadOnlyList<Checkpoint> shipped, CancellationToken stop)
    {
        var key = await keys.NewestAsync().ConfigureAwait(false);
        var walk = new LinkWalk();
        var way = new Way(key.Chain, walk, new Stored(database, key.Chain), new Shipped(shipped));
        await WalkAsync(way, stop).ConfigureAwait(false);
        var unchained = await CountAsync(walk).ConfigureAwait(false);
        if (await UnsignedSinceAsync(walk, way.Dropped, key.Id.Created).ConfigureAwait(false) is { } since)
            walk.Find(FindingCodes.CheckpointMissing, walk.Proved + 1, null, string.Create(CultureInfo.InvariantCulture, $"No checkpoint proves link {walk.Proved + 1} of {since:O} and what follows, though a node signs each minute."));
        return new ChainProof
        {
            Chain = key.Chain,
            First = way.Dropped + 1,
            Last = walk.Last,
            Checked = walk.Checked,
            Proved = walk.Proved,
            ProvedAt = walk.ProvedAt,
            Checkpoints = walk.Checkpoints,
            Unchained = unchained,
            Findings = walk.Findings,
            FindingsInAll = walk.FindingsInAll,
        };
    }

    /// <summary>Links after one, in their order.</summary>
    public static ValueTask<List<LinkedEvent>> LinksAsync(Database database, long after, int most) => database.ReadAsync(async session =>
    {
        var links = new List<LinkedEvent>();
        using var read = session.Use(ReadLinks).Bind(1, after).Bind(2, most);
        while (await read.StepAsync().ConfigureAwait(false))
        {
            var (job, id) = (read.JobId(1), read.Int64(2));
            links.Add(new LinkedEvent(read.Int64(0), job, id, read.Blob(3)!, ToldEvent.Read(read, job, id, 4)));
        }
        return links;
    });

    public static string NameOf(JobId job, long id) => string.Create(CultureInfo.InvariantCulture, $"{job.Value:N}-{id}");

    private async Task WalkAsync(Way way, CancellationToken stop)
    {
        var walk = way.Walk;
        await BeginsLaterAsync(way).ConfigureAwait(false);
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            var links = await LinksAsync(database, walk.Last, Page).ConfigureAwait(false);
            if ((links.Count == 0 || links[0].Seq != walk.Last + 1) && await BeginsLaterAsync(way).ConfigureAwait(false)) continue;
            foreach (var link in links)
            {
                walk.Take(link.Seq, link.Name, link.Told is { } told ? LinkHash.Digest(told) : null, link.Hash);
                await CompareAsync(way, link.Seq).ConfigureAwait(false);
            }
            if (OnPage is { } onPage) await onPage(walk.Last).ConfigureAwait(false);
            // What was signed meanwhile is of links that are read with the next page.
            if (links.Count == 0 || (links.Count < Page && (await way.Stored.RestAsync().ConfigureAwait(false)).Count == 0)) break;
            // On a file nothing above ever waits, and others want the thread.
            await Task.Yield();
        }
        foreach (var (beyond, isShipped) in (await way.Stored.RestAsync().ConfigureAwait(false)).Select(rest => (rest, false)).Concat(way.Shipped.Rest().Select(rest => (rest, true))))
        {
            walk.Find(FindingCodes.ChainTruncated, beyond.Seq, null, string.Create(CultureInfo.InvariantCulture, $"The chain ends at link {walk.Last}, and {(isShipped ? "a shipped" : "a")} checkpoint of {beyond.At:O} says that it went up to link {beyond.Seq}: its end was removed."));
        }
    }

    /// <summary>Whether retention has dropped what would come next: then the walk goes on behind it, where the chain begins now.</summary>
    private async ValueTask<bool> BeginsLaterAsync(Way way)
    {
        if (await database.ReadAsync(Segment.ReadAsync).ConfigureAwait(false) is not { } dropped || dropped.Last <= way.Walk.Last) return false;
        if (!await dropped.IsSignedAsync(keys, way.Chain).ConfigureAwait(false))
            way.Walk.Find(FindingCodes.SegmentForged, dropped.Last, null, string.Create(CultureInfo.InvariantCulture, $"That the chain was dropped up to link {dropped.Last} was not signed by a key of this database: somebody else removed its begin."));
        way.Dropped = dropped.Last;
        way.Walk.Begin(dropped.Last, dropped.Hash);
        way.Stored.Skip(dropped.Last);
        // What was signed of the end of the dropped segment holds for the hash that the chain goes on from.
        await CompareAsync(way, dropped.Last).ConfigureAwait(false);
        return true;
    }

    private async ValueTask CompareAsync(Way way, long seq)
    {
        var (chain, walk) = (way.Chain, way.Walk);
        while (await way.Stored.NextAsync(seq).ConfigureAwait(false) is { } checkpoint)
            walk.Compare(checkpoint, await keys.VerifyAsync(checkpoint.Key, checkpoint.Words(), checkpoint.Signature).ConfigureAwait(false), isShipped: false);
        while (way.Shipped.Next(seq) is { } checkpoint)
            walk.Compare(checkpoint, checkpoint.Chain == chain && await keys.VerifyAsync(checkpoint.Key, checkpoint.Words(), checkpoint.Signature).ConfigureAwait(false), isShipped: true);
    }

    /// <summary>Holds the number of events against that of links: every event but those that are not chained yet has one.</summary>
    /// <returns>Events that are not chained yet.</returns>
    private async Task<long> CountAsync(LinkWalk walk)
    {
        var (events, links, unchained) = await database.ReadAsync(async session =>
        {
            using var count = session.Use(Count);
            await count.StepAsync().ConfigureAwait(false);
            return (count.Int64(0), count.Int64(1), count.Int64(2));
        }).ConfigureAwait(false);
        var surplus = events - unchained - (links - walk.Missing);
        if (surplus > 0)
        {
            var one = await database.ReadAsync(async session =>
            {
                using var find = session.Use(FindUnchained);
                return await find.StepAsync().ConfigureAwait(false) ? NameOf(find.JobId(0), find.Int64(1)) : null;
            }).ConfigureAwait(false);
            walk.Find(FindingCodes.EventUnchained, null, one, string.Create(CultureInfo.InvariantCulture, $"{surplus} events have no link and are not waiting for one: they were put in by hand, or taken out of what was to be chained."));
        }
        else if (surplus < 0)
        {
            walk.Find(FindingCodes.EventChainedTwice, null, null, string.Create(CultureInfo.InvariantCulture, $"There are {-surplus} links more than events."));
        }
        return unchained;
    }

    /// <param name="keyed">When the key was made, in milliseconds since 1970: its id is bound to what is sealed, so nobody can make it younger.</param>
    /// <returns>When the first link happened that should be proved by now and is not.</returns>
    private async ValueTask<DateTimeOffset?> UnsignedSinceAsync(LinkWalk walk, long dropped, long keyed)
    {
        var now = database.Time.GetUtcNow();
        var signed = Math.Max(Math.Max(walk.ProvedAt?.ToUnixTimeMilliseconds() ?? 0, begun.ToUnixTimeMilliseconds()), keyed);
        if (signed > (now - UnsignedAtMost).ToUnixTimeMilliseconds()) return null;
        var first = (await LinksAsync(database, Math.Max(walk.Proved, dropped), 1).ConfigureAwait(false)).FirstOrDefault();
        if (first is null) return null;
        var at = DateTimeOffset.FromUnixTimeMilliseconds(first.Event / 1_000);
        return at < now - UnsignedAtMost ? at : null;
    }

    /// <summary>A walk with what it is held against.</summary>
    private sealed record Way(JobId Chain, LinkWalk Walk, Stored Stored, Shipped Shipped)
    {
        /// <summary>The end of what retention has dropped, as far as the walk has met it.</summary>
        public long Dropped { get; set; }
    }

    /// <summary>The checkpoints of the database, read as the walk comes to them.</summary>
    private sealed class Stored(Database database, JobId chain)
    {
        private Queue<Checkpoint> _next = [];
        private long _from;
        private bool _isOver;

        /// <summary>Of links before this one nothing is left to compare.</summary>
        public void Skip(long seq)
        {
            while (_next.TryPeek(out var next) && next.Seq < seq) _next.Dequeue();
            _from = Math.Max(_from, seq);
        }

        /// <summary>The next one up to a link; null: none is left.</summary>
        public async ValueTask<Checkpoint?> NextAsync(long upto)
        {
            if (_next.Count == 0) await FillAsync().ConfigureAwait(false);
            return _next.TryPeek(out var next) && next.Seq <= upto ? _next.Dequeue() : null;
        }

        public async ValueTask<IReadOnlyList<Checkpoint>> RestAsync()
        {
            if (_next.Count == 0) await FillAsync().ConfigureAwait(false);
            return [.. _next];
        }

        private async ValueTask FillAsync()
        {
            if (_isOver) return;
            var read = await CheckpointMaker.ReadAsync(database, chain, _from, Page).ConfigureAwait(false);
            _isOver = read.Count < Page;
            if (read.Count > 0) _from = read[^1].Seq + 1;
            _next = new Queue<Checkpoint>(read);
        }
    }

    private sealed class Shipped(IReadOnlyList<Checkpoint> checkpoints)
    {
        private int _next;

        public Checkpoint? Next(long seq)
        {
            // Of links that are dropped nothing is left to compare.
            while (_next < checkpoints.Count && checkpoints[_next].Seq < seq) _next++;
            return _next < checkpoints.Count && checkpoints[_next].Seq == seq ? checkpoints[_next++] : null;
        }

        public IEnumerable<Checkpoint> Rest() => checkpoints.Skip(_next);
    }
}

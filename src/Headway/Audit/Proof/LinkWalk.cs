using System.Globalization;
using Headway.Audit.Chain;
using Headway.Audit.Checkpoints;

namespace Headway.Audit.Proof;

/// <summary>Goes along a chain, link by link, and holds each against the one before, its event, and what was signed there. Remembers nothing but where it is.</summary>
internal sealed class LinkWalk
{
    /// <summary>A chain that was rewritten is wrong at each of its links.</summary>
    private const int MostFindings = 20;

    private readonly List<ChainFinding> _findings = [];
    private byte[]? _previous = LinkHash.Origin;

    public long Last { get; private set; }

    public long Checked { get; private set; }

    public long FindingsInAll { get; private set; }

    public IReadOnlyList<ChainFinding> Findings => _findings;

    public long Missing { get; private set; }
    public long Checkpoints { get; private set; }
    public long Proved { get; private set; }
    public DateTimeOffset? ProvedAt { get; private set; }

    /// <summary>Goes on from a link that is not there itself.</summary>
    /// <param name="hash">Its hash.</param>
    public void Begin(long after, byte[] hash) => (Last, _previous) = (after, hash);

    public void Find(string code, long? seq, string? told, string detail)
    {
        if (FindingsInAll++ < MostFindings) _findings.Add(new ChainFinding(code, seq, told, detail));
    }

    /// <param name="digest">Of its event; null: that is gone.</param>
    public void Take(long seq, string? told, byte[]? digest, byte[] hash)
    {
        if (seq != Last + 1)
        {
            Find(FindingCodes.LinkMissing, Last + 1, null, string.Create(CultureInfo.InvariantCulture, $"After link {Last} comes link {seq}: {(seq > Last ? $"{seq - Last - 1} links were removed" : "the chain goes back")}."));
            // What it was made from is gone, so it cannot be told whether it is right.
            _previous = null;
        }
        if (digest is null)
        {
            Missing++;
            Find(FindingCodes.EventMissing, seq, told, string.Create(CultureInfo.InvariantCulture, $"The event of link {seq} was removed."));
        }
        else if (_previous is not null && !LinkHash.Of(_previous, seq, digest).AsSpan().SequenceEqual(hash))
        {
            Find(FindingCodes.EventChanged, seq, told, string.Create(CultureInfo.InvariantCulture, $"The event of link {seq} is not the one that was chained there: it was changed, or its link was."));
        }
        (Last, _previous) = (seq, hash);
        Checked++;
    }

    /// <summary>A checkpoint of the link that was taken last.</summary>
    public void Compare(Checkpoint checkpoint, bool isSigned, bool isShipped)
    {
        if (!isSigned)
            Find(FindingCodes.CheckpointForged, checkpoint.Seq, null, string.Create(CultureInfo.InvariantCulture, $"The checkpoint of link {checkpoint.Seq} was not signed by a key of this chain."));
        else if (_previous is null || !checkpoint.Hash.AsSpan().SequenceEqual(_previous))
            Find(FindingCodes.ChainRewritten, checkpoint.Seq, null, string.Create(CultureInfo.InvariantCulture, $"Link {checkpoint.Seq} is not the one that {(isShipped ? "the shipped" : "its")} checkpoint of {checkpoint.At:O} signed: the chain was rewritten somewhere after link {Proved}."));
        else
            (Proved, ProvedAt, Checkpoints) = (checkpoint.Seq, checkpoint.At, Checkpoints + 1);
    }
}

namespace Headway.Audit.Proof;

/// <summary>Something that must not be in a chain nobody has tampered with.</summary>
/// <param name="Code">One of <see cref="FindingCodes"/>.</param>
/// <param name="Seq">The link it was found at; null: none.</param>
/// <param name="Event">Which event, as `JOB-MICROSECONDS`.</param>
/// <param name="Detail">A sentence.</param>
internal sealed record ChainFinding(string Code, long? Seq, string? Event, string Detail);

/// <summary>Stable names.</summary>
internal static class FindingCodes
{
    public const string EventChanged = "event-changed";
    public const string EventMissing = "event-missing";
    public const string EventUnchained = "event-unchained";
    public const string EventChainedTwice = "event-chained-twice";
    public const string LinkMissing = "link-missing";
    public const string ChainTruncated = "chain-truncated";
    public const string ChainRewritten = "chain-rewritten";
    public const string ChainForked = "chain-forked";
    public const string CheckpointForged = "checkpoint-forged";
    public const string CheckpointMissing = "checkpoint-missing";
    public const string SegmentForged = "segment-forged";
    public const string LineBroken = "line-broken";
}

/// <summary>What a look at a whole chain, or at an export of one, has shown.</summary>
internal sealed record ChainProof
{
    public JobId? Chain { get; init; }

    /// <summary>The first link that is there; what came before was dropped by retention.</summary>
    public long First { get; init; }

    /// <summary>The last link.</summary>
    public long Last { get; init; }

    /// <summary>Links that were checked with their events.</summary>
    public long Checked { get; init; }

    /// <summary>Up to which link the chain is proved: the last checkpoint that it agrees with. 0: nothing is.</summary>
    public long Proved { get; init; }
    public DateTimeOffset? ProvedAt { get; init; }

    /// <summary>Checkpoints that it agrees with.</summary>
    public long Checkpoints { get; init; }

    /// <summary>Events that have no link yet.</summary>
    public long Unchained { get; init; }

    /// <summary>The first ones.</summary>
    public IReadOnlyList<ChainFinding> Findings { get; init; } = [];
    public long FindingsInAll { get; init; }

    public bool Holds => FindingsInAll == 0;
}

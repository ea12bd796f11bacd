namespace Headway.Client;

/// <summary>One page of audit events, newest first.</summary>
/// <param name="Events">The events.</param>
/// <param name="Next">Cursor of the next page. Absent on the last one.</param>
public sealed record AuditPageRecord(IReadOnlyList<AuditRecord> Events, string? Next);

/// <summary>Somebody who has seen something of a subject.</summary>
public sealed record DisclosureRecord
{
    /// <summary>A model, a service or a worker; or the key or person who asked.</summary>
    public required string Who { get; init; }

    /// <summary>`recipient`: it was disclosed to them; `actor`: they asked for it themselves.</summary>
    public required string Kind { get; init; }

    /// <summary>What was done: `disclosed`, `delivered`, `served`, `viewed`.</summary>
    public required string Action { get; init; }

    /// <summary>Name of the feature. Empty: none.</summary>
    public required string Feature { get; init; }

    /// <summary>How often.</summary>
    public required long Count { get; init; }

    /// <summary>The first time.</summary>
    public required DateTimeOffset First { get; init; }

    /// <summary>The last time.</summary>
    public required DateTimeOffset Last { get; init; }
}

/// <summary>The accounting of disclosures of one subject.</summary>
/// <param name="Subject">As it was asked for.</param>
/// <param name="Disclosures">The latest first, at most 1000.</param>
/// <param name="More">There are more: narrow the times.</param>
public sealed record DisclosureListRecord(string Subject, IReadOnlyList<DisclosureRecord> Disclosures, bool More);

/// <summary>Something wrong with an audit chain.</summary>
public sealed record AuditFindingRecord
{
    /// <summary>Stable: `event-changed`, `event-missing`, `event-unchained`, `event-chained-twice`, `link-missing`, `chain-truncated`, `chain-rewritten`, `checkpoint-forged`, `checkpoint-missing`, `segment-forged`, `line-broken`.</summary>
    public required string Code { get; init; }

    /// <summary>The link it was found at. Absent: none.</summary>
    public long? Seq { get; init; }

    /// <summary>The event, as the trail names it. Absent: none.</summary>
    public string? Event { get; init; }

    /// <summary>What is wrong, in a sentence.</summary>
    public required string Detail { get; init; }
}

/// <summary>What a look at the whole audit chain has shown.</summary>
public sealed record AuditProofRecord
{
    /// <summary>Nothing is wrong.</summary>
    public required bool Holds { get; init; }

    /// <summary>Identity of the chain.</summary>
    public string? Chain { get; init; }

    /// <summary>The first link; what came before was dropped by retention.</summary>
    public required long First { get; init; }

    /// <summary>The last link.</summary>
    public required long Last { get; init; }

    /// <summary>Links that were checked with their events.</summary>
    public required long Checked { get; init; }

    /// <summary>The last link that a checkpoint proves; 0: none does.</summary>
    public required long Proved { get; init; }

    /// <summary>When that checkpoint was signed.</summary>
    public DateTimeOffset? ProvedAt { get; init; }

    /// <summary>Checkpoints that the chain agrees with.</summary>
    public required long Checkpoints { get; init; }

    /// <summary>Events that are not chained yet: those of the last second.</summary>
    public required long Unchained { get; init; }

    /// <summary>What is wrong, the first twenty.</summary>
    public required IReadOnlyList<AuditFindingRecord> Findings { get; init; }

    /// <summary>How much is wrong in all.</summary>
    public required long FindingsInAll { get; init; }
}

/// <summary>The key that checkpoints of the audit chain are signed with.</summary>
/// <param name="Id">As checkpoints name it.</param>
/// <param name="Chain">The chain they are of.</param>
/// <param name="Algorithm">`ecdsa-p256-sha256`.</param>
/// <param name="PublicKey">The public half in PEM.</param>
public sealed record AuditKeyRecord(string Id, string Chain, string Algorithm, string PublicKey);

using Headway.Features;

namespace Headway.Audit;

/// <summary>Who touched which data of which job, when, to what end. Never content, never a raw subject.</summary>
internal sealed record AuditEvent
{
    /// <summary>One of <see cref="AuditActions"/>.</summary>
    public required string Action { get; init; }
    public required JobId Job { get; init; }
    public required string Tenant { get; init; }
    public required string Actor { get; init; }

    /// <summary>The pinned definition, which names feature and version.</summary>
    public long? Definition { get; init; }

    /// <summary>Keyed MAC of the subject.</summary>
    public byte[]? Subject { get; init; }
    public DataClass Data { get; init; }
    public string? Purpose { get; init; }
    public string? Node { get; init; }
    public string? Address { get; init; }

    /// <summary>The model or endpoint that was shown the data.</summary>
    public string? Recipient { get; init; }

    /// <summary>`succeeded`, or the code of the failure or refusal.</summary>
    public string? Outcome { get; init; }

    /// <summary>Keyed MAC of what was handed over.</summary>
    public byte[]? Payload { get; init; }

    /// <summary>Null: the job's id.</summary>
    public string? Correlation { get; init; }
}

/// <summary>What stands where a tenant would.</summary>
internal static class AuditTenants
{
    /// <summary>Of whoever was turned away before it was known whose it is: no tenant can be called so.</summary>
    public const string Nobody = "*";
}

/// <summary>What stands where a model or an address would, when neither was asked.</summary>
internal static class AuditRecipients
{
    public const string Cache = "cache";
}

/// <summary>What stands for a purpose where the trail itself was looked at, and no content.</summary>
internal static class AuditPurposes
{
    public const string Audit = "audit";
}

/// <summary>The table of docs/durability.md.</summary>
internal static class AuditActions
{
    public const string Opened = "opened";
    public const string Served = "served";
    public const string Refused = "refused";
    public const string Failed = "failed";
    public const string Abandoned = "abandoned";
    public const string Submitted = "submitted";
    public const string Started = "started";
    public const string Completed = "completed";
    public const string Died = "died";
    public const string Cancelled = "cancelled";
    public const string Cancelling = "cancelling";
    public const string Paused = "paused";
    public const string Resumed = "resumed";
    public const string Reran = "reran";
    public const string Moved = "moved";
    public const string Delivered = "delivered";
    public const string Disclosed = "disclosed";
    public const string Replayed = "replayed";
    public const string Replaced = "replaced";
    public const string Signalled = "signalled";
    public const string Viewed = "viewed";
    public const string Erased = "erased";
    public const string Held = "held";
    public const string Released = "released";
    public const string Acknowledged = "acknowledged";
    public const string Rekeyed = "rekeyed";
    public const string Denied = "denied";
    public const string KeyCreated = "key-created";
    public const string KeyRotated = "key-rotated";
    public const string KeyRevoked = "key-revoked";
    public const string Exported = "exported";
    public const string Pruned = "pruned";
}

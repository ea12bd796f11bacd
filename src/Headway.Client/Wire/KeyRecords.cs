namespace Headway.Client;

/// <summary>An API key, without its text but for where it was just made.</summary>
public sealed record KeyRecord
{
    /// <summary>The public part of its text: `hw_` and 12 characters. The actor of what is done with it.</summary>
    public required string Id { get; init; }

    /// <summary>What people call it.</summary>
    public required string Name { get; init; }

    /// <summary>Whose data it reaches.</summary>
    public required string Tenant { get; init; }

    /// <summary>What it administers, and works off as a pull worker, is of all tenants.</summary>
    public bool AllTenants { get; init; }

    /// <summary>`caller`, `operator`, `approver`, `auditor`, `worker`, `admin`.</summary>
    public required IReadOnlyList<string> Roles { get; init; }

    /// <summary>The features and models it may call. Absent: all.</summary>
    public IReadOnlyList<string>? Features { get; init; }

    /// <summary>The highest priority that its calls get, 0 to 9.</summary>
    public int MaxPriority { get; init; }

    /// <summary>Calls a minute, over all nodes. Absent: no limit but that of its tenant.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>When it was made.</summary>
    public required DateTimeOffset Created { get; init; }

    /// <summary>The actor that made it.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>When it ends. Absent: never by itself.</summary>
    public DateTimeOffset? Expires { get; init; }

    /// <summary>When it was revoked. Absent: it was not.</summary>
    public DateTimeOffset? Revoked { get; init; }

    /// <summary>When it was last used, to the minute and some seconds late. Absent: never.</summary>
    public DateTimeOffset? LastUsed { get; init; }

    /// <summary>Until when the text before the last rotation is good, too. Absent: there is none.</summary>
    public DateTimeOffset? FormerUntil { get; init; }

    /// <summary>Its text: told once, when it is made or rotated, and kept nowhere.</summary>
    public string? Key { get; init; }
}

/// <summary>Keys, the newest first.</summary>
public sealed record KeyListRecord(IReadOnlyList<KeyRecord> Keys);

/// <summary>A key as somebody wants it.</summary>
public sealed record KeyWishRecord
{
    /// <summary>What people call it: 1 to 100 characters.</summary>
    public required string Name { get; init; }

    /// <summary>Default: the tenant of whoever makes it.</summary>
    public string? Tenant { get; init; }

    /// <inheritdoc cref="KeyRecord.AllTenants"/>
    public bool AllTenants { get; init; }

    /// <summary>One or more of `caller`, `operator`, `approver`, `auditor`, `worker`, `admin`. Default: caller.</summary>
    public IReadOnlyList<string>? Roles { get; init; }

    /// <summary>Names of the feature file. Default: all.</summary>
    public IReadOnlyList<string>? Features { get; init; }

    /// <summary>0 to 9. Default 9.</summary>
    public int MaxPriority { get; init; } = 9;

    /// <summary>1 or more. Default: no limit but that of its tenant.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>In the future. Default: never by itself.</summary>
    public DateTimeOffset? Expires { get; init; }
}

/// <summary>A new text for a key.</summary>
/// <param name="OverlapSeconds">So long the one before is good, too; 0 to 30 days. Default: a day.</param>
public sealed record KeyRotationRecord(double OverlapSeconds = 86_400);

/// <summary>Who calls which version of a feature.</summary>
public sealed record ConsumerRecord
{
    /// <summary>Whose data it is.</summary>
    public required string Tenant { get; init; }

    /// <summary>Name of the feature.</summary>
    public required string Feature { get; init; }

    /// <summary>Its version.</summary>
    public required int Version { get; init; }

    /// <summary>Since when, or from when on, the version is deprecated. Absent: it is not.</summary>
    public DateOnly? Deprecated { get; init; }

    /// <summary>When the version ends. Absent: it does not.</summary>
    public DateOnly? Sunset { get; init; }

    /// <summary>The key or person that calls: the id of a key, `user/` and the subject of a token, or `local`.</summary>
    public required string Actor { get; init; }

    /// <summary>What people call the key. Absent: it is none, or not known any more.</summary>
    public string? Name { get; init; }

    /// <summary>When it first called.</summary>
    public required DateTimeOffset Since { get; init; }

    /// <summary>When it last called.</summary>
    public required DateTimeOffset LastCalled { get; init; }

    /// <summary>About how often it called.</summary>
    public required long Calls { get; init; }
}

/// <summary>Consumers by feature and version, who called last first.</summary>
/// <param name="More">There are more than are listed.</param>
public sealed record ConsumerListRecord(IReadOnlyList<ConsumerRecord> Consumers, bool More);

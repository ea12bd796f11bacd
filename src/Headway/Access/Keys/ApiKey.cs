using System.Collections.Frozen;

namespace Headway.Access;

/// <summary>A key as it is kept: all but its text.</summary>
internal sealed record ApiKey
{
    /// <summary>The public part of its text: `hw_` and 12 characters.</summary>
    public required string Id { get; init; }
    public required string Tenant { get; init; }

    /// <inheritdoc cref="Caller.Everywhere"/>
    public bool Everywhere { get; init; }
    public required string Name { get; init; }
    public required Roles Roles { get; init; }

    /// <inheritdoc cref="Caller.Features"/>
    public FrozenSet<string>? Features { get; init; }
    public int MostPriority { get; init; } = 9;
    public int? RequestsPerMinute { get; init; }

    /// <summary>Keyed MAC of its text.</summary>
    public required byte[] Mac { get; init; }

    /// <summary>Of the text before, which is good until then.</summary>
    public byte[]? Former { get; init; }
    public DateTimeOffset? FormerUntil { get; init; }
    public required DateTimeOffset Created { get; init; }

    /// <summary>The actor that made it.</summary>
    public required string Creator { get; init; }
    public DateTimeOffset? Expires { get; init; }
    public DateTimeOffset? Revoked { get; init; }

    /// <summary>To the minute, and some minutes late.</summary>
    public DateTimeOffset? Used { get; init; }

    public bool IsOver(DateTimeOffset now) => Revoked is not null || Expires <= now;

    /// <summary>Whether it can make others for everybody.</summary>
    public bool Rules => Everywhere && (Roles & Roles.Admin) != 0;

    public Caller Caller => new(Tenant, Id, null) { Roles = Roles, Everywhere = Everywhere, Features = Features, MostPriority = MostPriority, RequestsPerMinute = RequestsPerMinute };
}

/// <summary>What somebody who makes a key decides about it.</summary>
internal sealed record KeyWish(string Name, string Tenant, Roles Roles)
{
    public bool Everywhere { get; init; }
    public IReadOnlyList<string>? Features { get; init; }
    public int MostPriority { get; init; } = 9;
    public int? RequestsPerMinute { get; init; }
    public DateTimeOffset? Expires { get; init; }
}

/// <summary>Why a key was not made or changed. First: the first of all must be able to make others. LastRuler: nobody could make others any more.</summary>
internal enum KeyRefusal { None, Unknown, Over, First, LastRuler, Full }

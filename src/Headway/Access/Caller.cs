using System.Collections.Frozen;

namespace Headway.Access;

/// <summary>Who calls. Every row a call leaves behind carries tenant and actor. Without keys everybody is <see cref="Local"/>.</summary>
/// <remarks>What a caller may do is asked at the edge. Calls that the engine makes by itself, for a workflow or in upkeep, may do everything within their tenant.</remarks>
/// <param name="Tenant">Whose data it is. Nothing crosses tenants.</param>
/// <param name="Actor">The key or person: `local`, `hw_` and the public part of a key, or `user/` and who a token is of.</param>
/// <param name="Address">The network address the call came from, if any.</param>
internal sealed record Caller(string Tenant, string Actor, string? Address)
{
    public static readonly Caller Local = new("default", "local", null);

    public Roles Roles { get; init; } = Roles.All;

    /// <summary>What it administers and what it works off as a pull worker is of all tenants. Its own calls and the jobs it sees are of its tenant all the same.</summary>
    public bool Everywhere { get; init; } = true;

    /// <summary>The features and models it may call and whose jobs it sees; null: all.</summary>
    public FrozenSet<string>? Features { get; init; }

    /// <summary>The highest priority that its calls get.</summary>
    public int MostPriority { get; init; } = 9;

    /// <summary>Calls a minute, over all nodes; null: no limit but that of its tenant.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Whether it has any of these. Who is an admin has all.</summary>
    public bool Has(Roles any) => (Roles & (any | Roles.Admin)) != 0;

    /// <summary>The same one, who may do the same: a connection goes on for it.</summary>
    public bool IsAs(Caller other) => (Tenant, Actor, Roles, Everywhere) == (other.Tenant, other.Actor, other.Roles, other.Everywhere) && (Features is null ? other.Features is null : other.Features is not null && Features.SetEquals(other.Features));

    public bool MayCall(string feature) => Features is null || Features.Contains(feature);
}

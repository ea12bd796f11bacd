namespace Headway.Features;

/// <summary>How much may be spent on models, in US dollars a calendar month or day (UTC). Null: no limit.</summary>
internal sealed record BudgetOptions(decimal? UsdPerMonth, decimal? UsdPerDay);

/// <summary>What a tenant may use.</summary>
internal sealed record TenantOptions
{
    /// <summary>The entry for tenants that are not named.</summary>
    public const string Default = "default";

    public BudgetOptions? Budget { get; init; }

    /// <summary>Its share of a contended pool, relative to the others.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>Calls a minute, over all features. Null: no limit.</summary>
    public int? RequestsPerMinute { get; init; }

    /// <summary>Jobs of async and hybrid features that may run at once, on all nodes. Null: no limit.</summary>
    public int? Running { get; init; }

    /// <summary>Jobs of async and hybrid features that may be queued at once. Null: no limit but those of the pools.</summary>
    public int? Queued { get; init; }

    /// <summary>What a file says of a tenant: by its name, or else of those that are not named.</summary>
    public static TenantOptions? Of(FeatureFile file, string tenant) => file.Tenants.GetValueOrDefault(tenant) ?? file.Tenants.GetValueOrDefault(Default);
}

namespace Headway.Features;

/// <summary>How much may be spent on models, in US dollars a calendar month or day (UTC). Null: no limit.</summary>
internal sealed record BudgetOptions(decimal? UsdPerMonth, decimal? UsdPerDay);

/// <summary>What a tenant may use.</summary>
internal sealed record TenantOptions
{
    /// <summary>The entry for tenants that are not named.</summary>
    public const string Default = "default";

    public BudgetOptions? Budget { get; init; }
}

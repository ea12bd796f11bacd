namespace Headway.Features.Shapes;

/// <summary>The keys of a budget: the same for a tenant, a feature and an exposed model.</summary>
internal static class BudgetShape
{
    public static readonly Keys Budget = new("budget", "How much may be spent on models. What could cost more than is left is refused before it is asked.",
        new("usdPerMonth", Scalars.Money, "US dollars a calendar month (UTC)."),
        new("usdPerDay", Scalars.Money, "US dollars a day (UTC)."));
}

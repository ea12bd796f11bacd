using Headway.Features;

namespace Headway.Budgets;

/// <summary>How much may be spent in one period of one budget.</summary>
/// <param name="Scope">`tenant:NAME/month`, `feature:NAME/day`.</param>
/// <param name="Period">When it began, in milliseconds since 1970.</param>
/// <param name="Nano">Billionths of a US dollar.</param>
/// <param name="Ends">When the next period begins.</param>
internal sealed record BudgetLimit(string Scope, long Period, long Nano, DateTimeOffset Ends)
{
    /// <summary>The budgets that a call counts against, of its tenant and of its feature, as the file has them now.</summary>
    public static IReadOnlyList<BudgetLimit> Of(FeatureFile file, string feature, string tenant, DateTimeOffset now)
    {
        var ofTenant = TenantOptions.Of(file, tenant)?.Budget;
        var ofFeature = file.Features.GetValueOrDefault(feature)?.Budget;
        if (ofTenant is null && ofFeature is null) return [];
        return [.. Of($"tenant:{tenant}", ofTenant, now), .. Of($"feature:{feature}", ofFeature, now)];
    }

    private static IEnumerable<BudgetLimit> Of(string scope, BudgetOptions? budget, DateTimeOffset now)
    {
        var day = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        if (budget?.UsdPerMonth is { } month)
        {
            var first = day.AddDays(1 - day.Day);
            yield return new BudgetLimit($"{scope}/month", first.ToUnixTimeMilliseconds(), Money.ToNano(month), first.AddMonths(1));
        }
        if (budget?.UsdPerDay is { } daily) yield return new BudgetLimit($"{scope}/day", day.ToUnixTimeMilliseconds(), Money.ToNano(daily), day.AddDays(1));
    }
}

/// <summary>A budget that has no room for what is asked.</summary>
/// <param name="Left">Billionths of a US dollar that are neither spent nor held back.</param>
internal sealed record BudgetRefusal(BudgetLimit Limit, long Left, long Asked)
{
    public string Message =>
        $"The budget {Limit.Scope} of {Money.Text(Limit.Nano)} has {Money.Text(Left)} left, and this may cost {Money.Text(Asked)}. It begins anew at {Limit.Ends:yyyy-MM-dd HH:mm} UTC; " +
        "raise it in the feature file (`budget`), or ask for a shorter answer (`maxTokens`).";
}

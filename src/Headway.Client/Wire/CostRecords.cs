namespace Headway.Client;

/// <summary>One call of a model and what it cost.</summary>
public sealed record ModelCallRecord
{
    /// <summary>Name of the model, as the feature file calls it. Empty: a call of a node that is gone, of which nobody knows more (`maybe-paid`).</summary>
    public required string Model { get; init; }

    /// <summary>The model as its provider calls it. Absent: it did not say.</summary>
    public string? ProviderModel { get; init; }

    /// <summary>When it was asked.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Tokens of the call.</summary>
    public required UsageRecord Usage { get; init; }

    /// <summary>US dollars.</summary>
    public required decimal Cost { get; init; }

    /// <summary>The provider did not say what it used: counted from the length of the texts.</summary>
    public bool Estimated { get; init; }

    /// <summary>Code of the failure; `stopped`: nobody wanted the answer any more; `maybe-paid`: its outcome is not known. Absent: it answered.</summary>
    public string? Error { get; init; }
}

/// <summary>What calls of models cost together.</summary>
/// <param name="Name">The feature, key or model they are counted under.</param>
/// <param name="Calls">How many.</param>
/// <param name="Usage">Their tokens.</param>
/// <param name="Cost">US dollars.</param>
public sealed record CostRecord(string Name, long Calls, UsageRecord Usage, decimal Cost);

/// <summary>Costs of a tenant, the dearest first.</summary>
/// <param name="By">`feature`, `key` or `model`.</param>
/// <param name="Since">Of jobs accepted at or after this time.</param>
/// <param name="Costs">At most 200.</param>
public sealed record CostListRecord(string By, DateTimeOffset Since, IReadOnlyList<CostRecord> Costs);

/// <summary>A budget in its current period. Amounts in US dollars.</summary>
public sealed record BudgetRecord
{
    /// <summary>`tenant:NAME/month`, `feature:NAME/day`, …</summary>
    public required string Scope { get; init; }

    /// <summary>How much may be spent in the period.</summary>
    public required decimal Limit { get; init; }

    /// <summary>How much was.</summary>
    public required decimal Spent { get; init; }

    /// <summary>Of what was spent: calls whose outcome nobody knows.</summary>
    public required decimal MaybePaid { get; init; }

    /// <summary>Held back for work under way.</summary>
    public required decimal Reserved { get; init; }

    /// <summary>When the next period begins.</summary>
    public required DateTimeOffset Ends { get; init; }
}

/// <summary>The budgets of a tenant and of its features.</summary>
/// <param name="Budgets">As the feature file has them now.</param>
public sealed record BudgetListRecord(IReadOnlyList<BudgetRecord> Budgets);

using Headway.Features;
using Headway.Storage;

namespace Headway.Budgets;

/// <summary>The budgets as the feature file has them now: a raise counts for the next call, also of jobs that were accepted before.</summary>
internal sealed class BudgetsInForce(Database database, Func<FeatureFile> file)
{
    /// <summary>Those that a call of a feature by a tenant counts against; empty: none.</summary>
    public IReadOnlyList<BudgetLimit> Of(string feature, string tenant) => BudgetLimit.Of(file(), feature, tenant, database.Time.GetUtcNow());

    /// <summary>All that a tenant's calls can count against: its own, and those of every feature.</summary>
    public IReadOnlyList<BudgetLimit> Of(string tenant) => [.. file().Features.Keys.SelectMany(feature => Of(feature, tenant)).Distinct()];

    /// <summary>For one attempt at a job.</summary>
    /// <param name="spent">Where the attempt tells what it spends.</param>
    public AttemptBudget For(JobId job, string feature, string tenant, UsageMeter spent) =>
        Of(feature, tenant).Count == 0 ? AttemptBudget.Unlimited : new ReservedBudget(database, job, () => Of(feature, tenant), spent);
}

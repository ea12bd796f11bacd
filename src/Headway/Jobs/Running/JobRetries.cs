using System.Collections.Concurrent;
using Headway.Models.Failover;

namespace Headway.Jobs.Running;

/// <summary>How many attempts of a feature version on this node may be repetitions soon: a fifth of its jobs, and a few a minute.</summary>
/// <remarks>
/// What the budget does not cover is not dropped but waits for the longest pause of its class at once. So in the first minutes of an outage, when every
/// attempt fails, what is broken meets its usual load and a fifth, not twice or three times of it; after that the pauses are long by themselves. The calls
/// of a model or service that is down are bounded by its breaker besides.
/// </remarks>
internal sealed class JobRetries(TimeProvider time)
{
    private readonly ConcurrentDictionary<string, RetryBudget> _budgets = new(StringComparer.Ordinal);

    /// <summary>An attempt begins that repeats none.</summary>
    public void Earn(string version) => Of(version).Earn();

    public bool TrySpend(string version) => Of(version).TrySpend();

    private RetryBudget Of(string version) => _budgets.GetOrAdd(version, static (_, clock) => new RetryBudget(clock), time);
}

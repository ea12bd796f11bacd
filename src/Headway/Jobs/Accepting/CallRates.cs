using System.Collections.Concurrent;
using Headway.Access;
using Headway.Jobs.Running;
using Headway.Models.Limits;
using Headway.Storage;

namespace Headway.Jobs.Accepting;

/// <summary>The calls a minute that the feature file leaves to tenants (`limits.requestsPerMinute`), and that a key may make; over all features, modes and nodes.</summary>
internal sealed class CallRates(Database database, NodeLease lease, TenantTerms tenants, Repeats repeats)
{
    // No model is called so: names of models have no space.
    private const string OfTenant = "tenant ", OfKey = "key ";

    // Grants that count no more, of tenants that do not come again to take them away.
    private const int Batch = 1_000;

    private readonly ConcurrentDictionary<string, CallRate> _rates = new(StringComparer.Ordinal);

    /// <summary>Counts the call, or says why it may not be made. Null: it may. One whose idempotency key belongs to a job is given that job and is no further call.</summary>
    public async ValueTask<Refusal?> JudgeAsync(Call call, CancellationToken stop)
    {
        var (caller, tenant) = (call.Caller, call.Caller.Tenant);
        var ofTenant = tenants.RateOf(tenant);
        if (ofTenant is null && caller.RequestsPerMinute is null) return null;
        if (call.IdempotencyKey is not null && await repeats.IsKeptAsync(call, stop).ConfigureAwait(false)) return null;
        // The key first: what is over its own limit takes nothing from its tenant.
        if (caller.RequestsPerMinute is { } own && await RateOf(OfKey + caller.Actor).TryEnterAsync(own).ConfigureAwait(false) is { } pause) return Refusals.KeyRate(caller.Actor, own, pause);
        return ofTenant is { } most && await RateOf(OfTenant + tenant).TryEnterAsync(most).ConfigureAwait(false) is { } wait ? Refusals.TenantRate(tenant, most, wait) : null;
    }

    /// <summary>Null: nothing limits the tenant's calls, or this node has not seen any.</summary>
    public (int Limit, RateLeft Left)? Of(string tenant) => tenants.RateOf(tenant) is { } most ? Of(OfTenant + tenant, most) : null;

    /// <summary>The same of the caller's key.</summary>
    public (int Limit, RateLeft Left)? OfKeyOf(Caller caller) => caller.RequestsPerMinute is { } most ? Of(OfKey + caller.Actor, most) : null;

    /// <summary>Gives back what was not used, and forgets who makes no calls.</summary>
    /// <param name="all">The node stops.</param>
    public async Task SettleAsync(bool all = false)
    {
        foreach (var (counted, rate) in _rates)
        {
            await rate.SettleAsync(all).ConfigureAwait(false);
            // Who has just been given it counts by it all the same: what may go is decided in the database.
            if (rate.IsIdle) _rates.TryRemove(new KeyValuePair<string, CallRate>(counted, rate));
        }
    }

    /// <summary>Takes away what counts no more.</summary>
    public Task<int> PruneAsync() => database.WriteAsync(new PruneGrants(database.Now, Batch));

    private (int Limit, RateLeft Left)? Of(string counted, int most) => _rates.TryGetValue(counted, out var rate) && rate.Left(most) is { } left ? (most, left) : null;

    private CallRate RateOf(string counted) => _rates.GetOrAdd(counted, static (counted, rates) => new CallRate(counted, rates.Database, () => rates.Lease.Number), (Database: database, Lease: lease));
}

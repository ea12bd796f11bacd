using System.Collections.Concurrent;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>How much longer or shorter than others of its pool the attempts of a tenant held their slots: what its later turns are charged beyond one each.</summary>
/// <remarks>Gathered here and written about once a second, one row for each pool and tenant. What a process that dies takes with it is a second of this, and no promise.</remarks>
internal sealed class AttemptCosts(Database database, TenantTerms tenants)
{
    // One attempt that hangs until its timeout must not shut its tenant out for the rest of the day.
    private const double MostTurns = 100;

    private readonly ConcurrentDictionary<(long Pool, string Tenant), long> _charges = new();

    /// <param name="took">How long the attempt held its slot.</param>
    /// <param name="usual">How long attempts in this pool take; null: nothing has ended there yet.</param>
    public void Note(long pool, string tenant, TimeSpan took, TimeSpan? usual)
    {
        if (usual is not { } pace || pace <= TimeSpan.Zero) return;
        var turns = Math.Min(took / pace, MostTurns) - 1;
        var charge = (long)(turns * Turns.Charge(tenants.WeightOf(tenant)));
        _charges.AddOrUpdate((pool, tenant), charge, (_, sum) => sum + charge);
    }

    /// <summary>Writes what has gathered.</summary>
    /// <returns>How many tenants were charged.</returns>
    public async Task<int> WriteAsync()
    {
        var charges = new List<(long, string, long)>();
        foreach (var key in _charges.Keys)
        {
            if (_charges.TryRemove(key, out var charge) && charge != 0) charges.Add((key.Pool, key.Tenant, charge));
        }
        // In one order, so that two nodes whose first rows these are do not wait for each other.
        if (charges.Count > 0) await database.WriteSoonAsync(new ChargeTurns([.. charges.Order()])).ConfigureAwait(false);
        return charges.Count;
    }
}

using System.Collections.Concurrent;
using Headway.Features;
using Headway.Jobs.Storage;

namespace Headway.Jobs.Running;

/// <summary>The pools of this node, one for each feature version and one more for the background of an exposed model; none can take from another.</summary>
/// <param name="shared">Whether other nodes use the database, too. Where none do, what may run on all nodes is what may run on this one.</param>
internal sealed class Pools(bool shared)
{
    private readonly ConcurrentDictionary<string, Pool> _pools = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<long, Pool> _claimed = new();

    public Pool For(FeatureVersion version) => _pools.GetOrAdd(version.PoolName, name => new Pool(name, OptionsOf(version)));

    /// <summary>The same, for queued jobs, whose rows name it by number.</summary>
    public Pool ForJobs(RegisteredVersion version) => _claimed.GetOrAdd(version.Pool, (_, version) => For(version), version.Version);

    /// <summary>Null: this node claims no jobs of it.</summary>
    public Pool? OfJobs(long number) => _claimed.GetValueOrDefault(number);

    /// <summary>All whose jobs this node claims, by number.</summary>
    public IEnumerable<KeyValuePair<long, Pool>> Claimed => _claimed;

    private PoolOptions OptionsOf(FeatureVersion version) => !shared && version.Pool.Cluster is { } most && version.Contract.Mode is (Mode.Async or Mode.Hybrid)
        ? version.Pool with { Concurrency = Math.Min(version.Pool.Concurrency, most), Cluster = null }
        : version.Pool;

    /// <summary>A reload may have changed sizes; work that is in stays in.</summary>
    public void Resize(FeatureFile file)
    {
        foreach (var version in file.Features.Values.SelectMany(feature => feature.Pooled))
        {
            if (_pools.TryGetValue(version.PoolName, out var pool)) pool.Resize(OptionsOf(version));
        }
    }
}

using System.Collections.Concurrent;
using Headway.Features;

namespace Headway.Jobs.Running;

/// <summary>The pools of this node, one for each feature version; none can take from another.</summary>
internal sealed class Pools
{
    private readonly ConcurrentDictionary<string, Pool> _pools = new(StringComparer.Ordinal);

    public IEnumerable<Pool> All => _pools.Values;

    public Pool For(FeatureVersion version) => _pools.GetOrAdd(version.FullName, name => new Pool(name, version.Pool));

    /// <summary>A reload may have changed sizes; work that is in stays in.</summary>
    public void Resize(FeatureFile file)
    {
        foreach (var version in file.Features.Values.SelectMany(feature => feature.Versions))
        {
            if (_pools.TryGetValue(version.FullName, out var pool)) pool.Resize(version.Pool);
        }
    }
}

using System.Collections.Concurrent;
using Headway.Features;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Workers;

/// <summary>The pools of the features whose work is done by workers, and whether anybody serves them.</summary>
internal sealed class PullPools(Database database, Versions versions, Func<FeatureFile> file)
{
    // A page of jobs asks for each of its rows.
    private const long FreshForMilliseconds = 1_000;

    private readonly ConcurrentDictionary<long, FeatureVersion> _known = new();
    private readonly ConcurrentDictionary<long, (long At, PoolService Service)> _lately = new();

    /// <summary>From now on jobs of this version are known as work for workers, if they are.</summary>
    public void Serve(RegisteredVersion version)
    {
        if (version.Version.Handler is WorkerDefinition) _known[version.Pool] = version.Version;
    }

    /// <summary>The pool's version; null: it is no pool of workers.</summary>
    public FeatureVersion? Find(long pool) => _known.GetValueOrDefault(pool);

    /// <summary>Who serves the pool, and how much of it is taken.</summary>
    /// <param name="exact">As it is now, and not as it was within the last second.</param>
    public PoolService ServiceOf(long pool, bool exact)
    {
        var now = database.Now;
        if (!exact && _lately.TryGetValue(pool, out var lately) && now - lately.At is >= 0 and < FreshForMilliseconds) return lately.Service;
        var service = database.Read(async session => new PoolService(
            await WorkerPools.IsServedAsync(session, pool, now).ConfigureAwait(false), await WorkerPools.HeldAsync(session, pool).ConfigureAwait(false)));
        _lately[pool] = (now, service);
        return service;
    }

    /// <summary>The pools that a worker names: `name` for every version that workers do, `name@2` for one.</summary>
    public async ValueTask<WorkerAnswer<IReadOnlyList<WantedPool>>> FindAsync(IReadOnlyList<string> names)
    {
        var wanted = new List<FeatureVersion>();
        foreach (var name in names)
        {
            var all = VersionsOf(name);
            if (all.Count == 0) return new WorkerRefusal(WorkerRefusalKind.FeatureUnknown, $"The feature file has no {Quoted(name)}. Known are {string.Join(", ", Served())}.");
            var mine = all.Where(version => version.Handler is WorkerDefinition).ToList();
            if (mine.Count == 0) return new WorkerRefusal(WorkerRefusalKind.FeatureNotForWorkers, $"The work of {Quoted(name)} is not done by workers: its handler in the feature file is another. Say `handler: worker` there. For workers are {string.Join(", ", Served())}.");
            wanted.AddRange(mine.Where(version => !wanted.Contains(version)));
        }
        var pools = new List<WantedPool>(wanted.Count);
        foreach (var version in wanted)
        {
            var registered = await versions.RegisterAsync(version).ConfigureAwait(false);
            Serve(registered);
            pools.Add(new WantedPool(registered));
        }
        return new WorkerAnswer<IReadOnlyList<WantedPool>>(pools, null);
    }

    private List<FeatureVersion> VersionsOf(string name)
    {
        var features = file().Features;
        return features.TryGetValue(name, out var feature)
            ? [.. feature.Versions]
            : [.. features.Values.SelectMany(other => other.Versions).Where(version => version.FullName == name)];
    }

    private List<string> Served()
    {
        var served = file().Features.Values.Where(feature => feature.Versions.Any(version => version.Handler is WorkerDefinition)).Select(feature => feature.Name).ToList();
        return served.Count == 0 ? ["none"] : served;
    }

    // Names of features are short; what is longer is none.
    private static string Quoted(string name) => name.Length <= 70 ? $"'{name}'" : $"'{name[..70]}…'";
}

/// <param name="HasWorker">A worker that claims from the pool is alive.</param>
/// <param name="Held">Jobs of the pool that workers hold.</param>
internal readonly record struct PoolService(bool HasWorker, int Held);

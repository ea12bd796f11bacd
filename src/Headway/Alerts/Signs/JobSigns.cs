using Headway.Features;
using Headway.Jobs.Running;
using Headway.Storage;

namespace Headway.Alerts.Signs;

/// <summary>Dead letters, and jobs that wait too long.</summary>
internal sealed class JobSigns(TenantTerms tenants)
{
    // What a person is told is the same from here on: many. A file may ask for more.
    private const int MostCounted = 1_000;

    // Definitions are versions as they once were; those with dead letters are few.
    private const long MostDefinitions = 5_000;

    // Of each pool. Turns go by age but for weights and priorities, so the oldest is among the first.
    private const long Heads = 10;

    // Tenants with limits that wait in one pool.
    private const int MostGates = 20;

    private static readonly Sql Dead = Sql.At("Alerts/Signs/DeadLetters");
    private static readonly Sql Waiting = Sql.At("Reconciliation/WaitingPools");
    private static readonly Sql Oldest = Sql.At("Alerts/Signs/FindOldest");
    private static readonly Sql OldestOf = Sql.At("Alerts/Signs/FindOldestOf");
    private static readonly Sql Gates = Sql.At("Jobs/Storage/FindGates");

    public static async ValueTask<IReadOnlyList<Sign>> DeadAsync(Session session, AlertOptions options)
    {
        long most = Math.Max(MostCounted, options.DeadLetters);
        var features = new Dictionary<string, long>(StringComparer.Ordinal);
        using var read = session.Use(Dead).Bind(1, most).Bind(2, MostDefinitions);
        while (await read.StepAsync().ConfigureAwait(false)) features[read.Text(0)!] = Math.Min(most, features.GetValueOrDefault(read.Text(0)!) + read.Int64(1));
        return [.. features.Where(feature => feature.Value >= options.DeadLetters).Select(feature => new Sign(AlertKinds.DeadLetters, feature.Key, feature.Value, options.DeadLetters) { Feature = feature.Key })];
    }

    /// <summary>Of jobs that could run. What waits for its time, for a signal or because its tenant is at its limit waits for something else than a worker.</summary>
    public async ValueTask<IReadOnlyList<Sign>> WaitingAsync(Session session, AlertOptions options, long now)
    {
        var pools = new List<(long Id, string Name)>();
        using (var read = session.Use(Waiting))
        {
            while (await read.StepAsync().ConfigureAwait(false)) pools.Add((read.Int64(0), read.Text(1)!));
        }
        var since = await session.EachAsync(pools, pool => SinceAsync(session, pool.Id)).ConfigureAwait(false);
        // A version may have more than one pool: for workers, for the background.
        var versions = pools.Zip(since).Where(pool => pool.Second is not null).GroupBy(pool => pool.First.Name.Split('/')[0]).Select(version => (Name: version.Key, Age: now - version.Min(pool => pool.Second!.Value)));
        var threshold = (long)options.QueueAge.TotalMilliseconds;
        return [.. versions.Where(version => version.Age >= threshold).Select(version => new Sign(AlertKinds.QueueAge, version.Name, version.Age, threshold) { Feature = version.Name.Split('@')[0] })];
    }

    private async ValueTask<long?> SinceAsync(Session session, long pool)
    {
        var since = await OldestAsync(session.Use(Oldest).Bind(1, pool).Bind(2, Heads)).ConfigureAwait(false);
        var open = new List<string>();
        using (var read = session.Use(Gates).Bind(1, pool))
        {
            while (open.Count < MostGates && await read.StepAsync().ConfigureAwait(false))
            {
                if (!(read.Int64(1) >= tenants.RunningOf(read.Text(0)!))) open.Add(read.Text(0)!);
            }
        }
        foreach (var gate in open)
        {
            var behind = await OldestAsync(session.Use(OldestOf).Bind(1, pool).Bind(2, gate).Bind(3, Heads)).ConfigureAwait(false);
            if (since is null || behind < since) since = behind ?? since;
        }
        return since;
    }

    // Since when the oldest of them waits for its turn: an id tells when its job was accepted.
    private static async ValueTask<long?> OldestAsync(Statement heads)
    {
        long? since = null;
        using (heads)
        {
            while (await heads.StepAsync().ConfigureAwait(false)) since = Math.Min(since ?? long.MaxValue, heads.Int64OrNull(1) ?? heads.JobId(0).Created);
        }
        return since;
    }
}

using Headway.Jobs.Running;
using Headway.Jobs.Workers;
using Headway.Storage;

namespace Headway.Reconciliation;

/// <summary>Pools in which jobs wait and for which nobody alive works.</summary>
internal sealed class WorkerWatch(Database database, GapBook book, Workforce workforce, PullPools pulled)
{
    private static readonly Sql Waiting = Sql.At("Reconciliation/WaitingPools");

    // Once is no gap: nodes that are started anew come back within a look or two.
    private HashSet<long> _missed = [];

    public async Task<int> LookAsync()
    {
        var waiting = await database.ReadAsync(ReadAsync).ConfigureAwait(false);
        var alone = waiting.Where(pool => !HasWorker(pool.Id)).ToList();
        // A version may have more than one pool: for workers, for the background.
        static string VersionOf((long Id, string Name) pool) => pool.Name.Split('/')[0];
        var versions = alone.Where(pool => _missed.Contains(pool.Id)).Select(VersionOf).Distinct(StringComparer.Ordinal);
        var gaps = versions.Select(version => new Gap(GapKinds.NoWorker, version) { Feature = version.Split('@')[0] }).ToList();
        _missed = [.. alone.Select(pool => pool.Id)];
        await book.MatchAsync(GapKinds.NoWorker, gaps, [.. alone.Select(VersionOf)]).ConfigureAwait(false);
        return gaps.Count;
    }

    private bool HasWorker(long pool) => pulled.Find(pool) is null ? workforce.Of(pool).Slots > 0 : pulled.ServiceOf(pool, exact: true).HasWorker;

    private static async ValueTask<List<(long Id, string Name)>> ReadAsync(Session session)
    {
        var pools = new List<(long, string)>();
        using var read = session.Use(Waiting);
        while (await read.StepAsync().ConfigureAwait(false)) pools.Add((read.Int64(0), read.Text(1)!));
        return pools;
    }
}

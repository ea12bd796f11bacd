using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Jobs.Upkeep;

/// <summary>Takes back what dead nodes held.</summary>
internal sealed class LeaseRescuer(Database database, NodeLease lease, JobNews news, ILogger<LeaseRescuer> logger) : Duty
{
    // A lease of a node that died under full load is rescued in several short writes.
    private const int Batch = 500;
    private static readonly Sql FindLost = Sql.At("Jobs/Storage/FindLostLease");
    private static readonly Sql FindOrphaned = Sql.At("Jobs/Storage/FindOrphanedLeases");

    public override TimeSpan Every => TimeSpan.FromSeconds(5);

    public override Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        var expiredBefore = now.ToUnixTimeMilliseconds();
        // On a file, a node whose own lease ran out has slept, or the clock was set forward: it judges nobody's before it has renewed all of them.
        return !database.IsShared && lease.Expires <= expiredBefore ? Task.FromResult(DutyReport.Nothing) : RescueExpiredAsync(expiredBefore);
    }

    /// <summary>At start. On a database of one process whoever held a lease is dead for certain, however long it had to run; of a shared one the others may live.</summary>
    public async Task RescueAllAsync()
    {
        // Workers live on while the process is away: nobody could renew their leases meanwhile, so none has run out.
        if (!database.IsShared) await database.WriteAsync(new ExtendSessions(lease.Expires)).ConfigureAwait(false);
        while ((await RescueExpiredAsync(database.IsShared ? database.Now : long.MaxValue).ConfigureAwait(false)).Did is not null)
        {
        }
        // What is held under a lease that is gone would be nobody's for ever. Each number once: a row that cannot be rescued must not keep the node from starting.
        foreach (var orphaned in Orphaned()) await RescueOrphanedAsync(orphaned).ConfigureAwait(false);
    }

    /// <summary>Takes back all that is held under a number that no lease has any more.</summary>
    /// <returns>How many jobs, and whether some of them cannot be rescued and stay held.</returns>
    public async Task<(int Rescued, bool Bad)> RescueOrphanedAsync(long number)
    {
        var (count, bad) = (0, false);
        while (true)
        {
            var rescued = await RescueAsync(number, long.MaxValue).ConfigureAwait(false);
            (count, bad) = (count + rescued.Jobs.Count, bad || rescued.Bad.Count > 0);
            if (!rescued.More) return (count, bad);
        }
    }

    /// <summary>Numbers that jobs are held under and no lease has.</summary>
    public List<long> Orphaned() => database.Read(async session =>
    {
        var numbers = new List<long>();
        using var find = session.Use(FindOrphaned);
        while (await find.StepAsync().ConfigureAwait(false)) numbers.Add(find.Int64(0));
        return numbers;
    });

    private async Task<DutyReport> RescueExpiredAsync(long expiredBefore)
    {
        var now = Math.Min(expiredBefore, database.Now);
        var lost = database.Read(async session =>
        {
            using var find = session.Use(FindLost).Bind(1, expiredBefore).Bind(2, now).Bind(3, lease.Number);
            return await find.StepAsync().ConfigureAwait(false) ? (Number: find.Int64(0), IsWorkers: find.Int64(1) == 1) : ((long Number, bool IsWorkers)?)null;
        });
        if (lost is not { } found) return DutyReport.Nothing;
        var number = found.Number;
        var rescued = await RescueAsync(number, found.IsWorkers ? now : expiredBefore, found.IsWorkers).ConfigureAwait(false);
        return new DutyReport($"lease {number} was lost: {rescued.Requeued} jobs queued again, {rescued.Ended} ended", More: true)
        {
            Mended = rescued.Jobs.Count == 0 ? null : new Mended(Mended.LostLease, $"lease {number}", rescued.Jobs.Count),
        };
    }

    private async Task<Rescued> RescueAsync(long number, long expiredBefore, bool isWorkers = false)
    {
        var rescued = await database.WriteAsync(new RescueLease(number, null, Batch, lease.Node, database.Now) { ExpiredBefore = expiredBefore, IsWorkers = isWorkers }).ConfigureAwait(false);
        foreach (var bad in rescued.Bad) logger.LogError("{Job} of lost lease {Lease}: {Reason}", bad.Job, number, bad.Reason);
        foreach (var job in rescued.Jobs)
        {
            news.Ended(job);
        }
        if (rescued.Requeued > 0) news.Queued();
        return rescued;
    }
}

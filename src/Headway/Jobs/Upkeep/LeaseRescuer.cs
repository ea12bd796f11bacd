using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;
using Headway.Streams;
using Microsoft.Extensions.Logging;

namespace Headway.Jobs.Upkeep;

/// <summary>Takes back what dead nodes held.</summary>
internal sealed class LeaseRescuer(Database database, NodeLease lease, Claimer claimer, LiveOutputs outputs, Finished finished, ILogger<LeaseRescuer> logger) : Duty
{
    // A lease of a node that died under full load is rescued in several short writes.
    private const int Batch = 500;
    private static readonly Sql FindLost = Sql.At("Jobs/Storage/FindLostLease");
    private static readonly Sql FindOrphaned = Sql.At("Jobs/Storage/FindOrphanedLeases");

    public override TimeSpan Every => TimeSpan.FromSeconds(5);

    public override Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop) => RescueExpiredAsync(now.ToUnixTimeMilliseconds());

    /// <summary>At start, on a database of one process: whoever held a lease is dead for certain, however long it had to run.</summary>
    public async Task RescueAllAsync()
    {
        while ((await RescueExpiredAsync(long.MaxValue).ConfigureAwait(false)).Did is not null)
        {
        }
        // What is held under a lease that is gone would be nobody's for ever. Each number once: a row that cannot be rescued must not keep the node from starting.
        foreach (var orphaned in Orphaned())
        {
            while ((await RescueAsync(orphaned).ConfigureAwait(false)).More)
            {
            }
        }
    }

    private List<long> Orphaned() => database.Read(session =>
    {
        var numbers = new List<long>();
        using var find = session.Use(FindOrphaned);
        while (find.Step()) numbers.Add(find.Int64(0));
        return numbers;
    });

    private async Task<DutyReport> RescueExpiredAsync(long expiredBefore)
    {
        var lost = database.Read(session =>
        {
            using var find = session.Use(FindLost).Bind(1, expiredBefore).Bind(2, lease.Number);
            return find.Step() ? find.Int64(0) : (long?)null;
        });
        if (lost is not { } number) return DutyReport.Nothing;
        var rescued = await RescueAsync(number).ConfigureAwait(false);
        return new DutyReport($"lease {number} was lost: {rescued.Requeued} jobs queued again, {rescued.Ended} ended", More: true);
    }

    private async Task<Rescued> RescueAsync(long number)
    {
        var rescued = await database.WriteAsync(new RescueLease(number, null, Batch, lease.Node, database.Now)).ConfigureAwait(false);
        foreach (var bad in rescued.Bad) logger.LogError("{Job} of lost lease {Lease}: {Reason}", bad.Job, number, bad.Reason);
        foreach (var job in rescued.Jobs)
        {
            outputs.Changed(job);
            finished.Tell(job);
        }
        if (rescued.Requeued > 0) claimer.WakeAll();
        return rescued;
    }
}

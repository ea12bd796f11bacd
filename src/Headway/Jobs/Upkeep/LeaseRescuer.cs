using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;
using Headway.Streams;

namespace Headway.Jobs.Upkeep;

/// <summary>Takes back what dead nodes held.</summary>
internal sealed class LeaseRescuer(Database database, NodeLease lease, Claimer claimer, LiveOutputs outputs, Finished finished) : Duty
{
    // A lease of a node that died under full load is rescued in several short writes.
    private const int Batch = 500;
    private static readonly Sql FindLost = Sql.At("Jobs/Storage/FindLostLease");

    public override TimeSpan Every => TimeSpan.FromSeconds(5);

    public override Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop) => RescueAsync(now.ToUnixTimeMilliseconds());

    /// <summary>At start, on a database of one process: whoever held a lease is dead for certain, however long it had to run.</summary>
    public async Task RescueAllAsync()
    {
        while ((await RescueAsync(long.MaxValue).ConfigureAwait(false)).Did is not null)
        {
        }
    }

    private async Task<DutyReport> RescueAsync(long expiredBefore)
    {
        var lost = database.Read(session =>
        {
            using var find = session.Use(FindLost).Bind(1, expiredBefore).Bind(2, lease.Number);
            return find.Step() ? find.Int64(0) : (long?)null;
        });
        if (lost is not { } number) return DutyReport.Nothing;
        var rescued = await database.WriteAsync(new RescueLease(number, null, Batch, lease.Node, database.Now)).ConfigureAwait(false);
        foreach (var job in rescued.Jobs)
        {
            outputs.Changed(job);
            finished.Tell(job);
        }
        if (rescued.Requeued > 0) claimer.WakeAll();
        return new DutyReport($"lease {number} was lost: {rescued.Requeued} jobs queued again, {rescued.Ended} ended", More: true);
    }
}

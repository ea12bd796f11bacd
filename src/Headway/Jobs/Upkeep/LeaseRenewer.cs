using Headway.Jobs.Running;

namespace Headway.Jobs.Upkeep;

/// <summary>Keeps this node alive in the eyes of the others.</summary>
internal sealed class LeaseRenewer(NodeLease lease) : Duty
{
    public override TimeSpan Every => lease.RenewEvery;

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop) =>
        await lease.RenewAsync().ConfigureAwait(false) ? DutyReport.Nothing : new DutyReport("the lease was lost; what ran was dropped, and a new epoch began");
}

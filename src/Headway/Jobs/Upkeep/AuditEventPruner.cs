using Headway.Audit.Retention;

namespace Headway.Jobs.Upkeep;

/// <summary>Drops segments of the audit chain that are older than they are kept.</summary>
internal sealed class AuditEventPruner(AuditPruner pruner) : Duty
{
    public override TimeSpan Every => TimeSpan.FromHours(1);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        var (dropped, more) = await pruner.RunOnceAsync(now).ConfigureAwait(false);
        return new DutyReport(dropped == 0 ? null : $"{dropped} audit events were older than they are kept", more);
    }
}

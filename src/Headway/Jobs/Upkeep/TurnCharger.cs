using Headway.Jobs.Running;

namespace Headway.Jobs.Upkeep;

/// <summary>Charges tenants what their attempts really took.</summary>
internal sealed class TurnCharger(AttemptCosts costs) : Duty
{
    // So long a tenant whose work is dearer than that of others is taken for one like them.
    public override TimeSpan Every => TimeSpan.FromSeconds(1);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        await costs.WriteAsync().ConfigureAwait(false);
        return DutyReport.Nothing;
    }
}

using Headway.Access;
using Headway.Jobs.Accepting;

namespace Headway.Jobs.Upkeep;

/// <summary>Tells the audit trail of refusals and denials that were only counted.</summary>
internal sealed class RefusalTeller(RefusalLog refusals, DenialLog denials) : Duty
{
    public override TimeSpan Every => TimeSpan.FromSeconds(1);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        await refusals.TellRestAsync().ConfigureAwait(false);
        await denials.TellRestAsync().ConfigureAwait(false);
        return DutyReport.Nothing;
    }
}

using Headway.Jobs.Running;

namespace Headway.Jobs.Upkeep;

/// <summary>Tells the other nodes how this one works for its pools, and hears how they do: what estimates and refusals are made of.</summary>
internal sealed class ShareTeller(Workforce workforce) : Duty
{
    // How old what a node knows of the others may be; one that changed nothing writes nothing.
    public override TimeSpan Every => TimeSpan.FromSeconds(1);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        await workforce.ExchangeAsync().ConfigureAwait(false);
        return DutyReport.Nothing;
    }
}

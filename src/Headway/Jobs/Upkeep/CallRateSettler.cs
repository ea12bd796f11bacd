using Headway.Jobs.Accepting;

namespace Headway.Jobs.Upkeep;

/// <summary>Gives back calls that this node may let through and did not, so that other nodes can.</summary>
internal sealed class CallRateSettler(CallRates rates) : Duty
{
    // Of so many beats one takes away what nobody counts any more.
    private const int BeatsOfPrune = 60;

    private int _beats;

    // A slice lasts two seconds at most.
    public override TimeSpan Every => TimeSpan.FromSeconds(1);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        await rates.SettleAsync().ConfigureAwait(false);
        if (++_beats % BeatsOfPrune == 0) await rates.PruneAsync().ConfigureAwait(false);
        return DutyReport.Nothing;
    }
}

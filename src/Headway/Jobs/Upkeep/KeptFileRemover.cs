using Headway.Payloads.Files;

namespace Headway.Jobs.Upkeep;

/// <summary>Removes kept files that have expired.</summary>
internal sealed class KeptFileRemover(KeptFilePruner kept) : Duty
{
    // They are gone for everybody the moment they expire; only their room waits.
    public override TimeSpan Every => TimeSpan.FromMinutes(1);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        var pruned = await kept.RunOnceAsync(now, stop).ConfigureAwait(false);
        return pruned.Files == 0 ? DutyReport.Nothing : new DutyReport($"{pruned.Files} files that had expired", pruned.More);
    }
}

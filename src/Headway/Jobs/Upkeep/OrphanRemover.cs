using Headway.Payloads.Files;

namespace Headway.Jobs.Upkeep;

/// <summary>Removes files that were uploaded for calls that were never accepted.</summary>
internal sealed class OrphanRemover(OrphanPruner orphans) : Duty
{
    public override TimeSpan Every => TimeSpan.FromMinutes(5);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        var pruned = await orphans.RunOnceAsync(now, stop).ConfigureAwait(false);
        return pruned.Files == 0 ? DutyReport.Nothing : new DutyReport($"{pruned.Files} files of {pruned.Jobs} calls that were never accepted", pruned.More);
    }
}

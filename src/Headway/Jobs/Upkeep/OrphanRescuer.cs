namespace Headway.Jobs.Upkeep;

/// <summary>
/// Takes back what is held under a lease that is gone: a node that was paused, and claims or accepts something in the moment before it finds its lease
/// lost, leaves it behind so. On a database of one process that cannot happen, and a look at start is enough.
/// </summary>
internal sealed class OrphanRescuer(LeaseRescuer rescuer) : Duty
{
    // Numbers under which something lies that cannot be rescued: it was reported once.
    private readonly HashSet<long> _bad = [];

    public override TimeSpan Every => TimeSpan.FromSeconds(15);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        var count = 0;
        foreach (var number in rescuer.Orphaned().Where(number => !_bad.Contains(number)))
        {
            var (rescued, bad) = await rescuer.RescueOrphanedAsync(number).ConfigureAwait(false);
            if (bad) _bad.Add(number);
            count += rescued;
        }
        return count == 0 ? DutyReport.Nothing : new DutyReport($"{count} jobs were held under leases that are gone: they are taken back") { Mended = new Mended(Mended.LostLease, "leases that are gone", count) };
    }
}

using Headway.Features;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Upkeep;

/// <summary>
/// Compares what this node's lease holds in the database with what the node runs. What it holds and does not run is given back: a claim whose commit was
/// never acknowledged would be held for as long as the node lives. What it runs and does not hold is stopped: it was cancelled or taken back elsewhere.
/// </summary>
internal sealed class HeldJobMatcher(Database database, NodeLease lease, RunningJobs running, AttemptEnds ends) : Duty
{
    // Seen once it may be a claim that was committed a moment ago; seen by two passes it is nobody's.
    private HashSet<Fence> _suspects = [];

    public override TimeSpan Every => lease.RenewEvery;

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        var number = lease.Number;
        var runs = running.All;
        var held = await database.ReadAsync(session => HeldJobs.ReadAsync(session, number)).ConfigureAwait(false);
        // A new epoch: everything that ran was stopped, and the old number is rescued.
        if (lease.Number != number) return DutyReport.Nothing;
        var mine = held.Select(job => job.Claimed.Fence).ToHashSet();
        var stopped = runs.Count(attempt => !mine.Contains(attempt) && running.Stop(attempt, StopReason.LeaseLost));
        var strays = held.Where(job => !running.Knows(job.Claimed.Fence.Job)).ToList();
        var returned = strays.Where(job => _suspects.Contains(job.Claimed.Fence)).ToList();
        foreach (var job in returned) await ReturnAsync(job).ConfigureAwait(false);
        _suspects = [.. strays.Select(job => job.Claimed.Fence)];
        return stopped + returned.Count == 0 ? DutyReport.Nothing : new DutyReport($"{returned.Count} jobs were held and did not run: they are given back; {stopped} ran and were not held: they are stopped");
    }

    // It has not failed: nothing is counted against it. A caller who waited on the line has been told otherwise long ago.
    private Task ReturnAsync(HeldJob job) => job.Mode is Mode.Sync or Mode.Stream ? ends.TakeBackAsync(job.Claimed.Fence) : ends.HandBackAsync(job.Claimed);
}

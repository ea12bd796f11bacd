using Headway.Audit;
using Headway.Features;
using Headway.Jobs.Running;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>
/// Takes back what a dead lease held: queued again, or dead as poison after too many crashes; a sync or stream call cannot go on elsewhere
/// and fails as lost. When nothing is left, the lease itself goes. Jobs that have one crash left are tried apart, one after the other: the
/// one that kills its node must not take with it those that only happened to be near, crash after crash.
/// </summary>
/// <remarks>
/// Invariant: the row leaves the old fence in this transaction, so the node that held it can write nothing of it afterwards. A row that cannot be
/// rescued keeps its place under a lease that is gone: no pass of this node meets it again before its next start, which reports it again.
/// </remarks>
internal sealed class RescueLease(long lease, JobId? only, int limit, string node, long now) : Write<Rescued>
{
    private static readonly Sql IsLost = Sql.At("Jobs/Storage/IsLost");
    private static readonly Sql Find = Sql.At("Jobs/Storage/FindLeased");
    private static readonly Sql FindHanded = Sql.At("Jobs/Storage/FindHanded");
    private static readonly Sql Schedule = Sql.At("Jobs/Storage/ScheduleAgain");
    private static readonly Sql Leave = Sql.At("Jobs/Storage/LeaveQueue");
    private static readonly Sql End = Sql.At("Jobs/Storage/EndLease");

    // Long enough for what kills a node as soon as it starts, which poison mostly does.
    private static readonly TimeSpan Apart = TimeSpan.FromMilliseconds(500);

    private sealed record Held(Fence Fence, int Failures, int Crashes, long Started, Mode Mode, JobOrigin Origin, string Definition);

    /// <summary>Only if the lease ran out before this, in milliseconds since 1970: until then its node may be alive. Default: whatever the lease says.</summary>
    public long ExpiredBefore { get; init; } = long.MaxValue;

    /// <summary>With one job only: the attempt that is taken back, so that a later one of the same lease is not.</summary>
    public int? Attempt { get; init; }

    /// <summary>The lease was a worker's, and so was all that is held under it.</summary>
    public bool IsWorkers { get; init; }

    internal override Writer Writer => Writer.Upkeep;

    protected override async ValueTask<Rescued> ApplyAsync(Session session)
    {
        if (await LivesAsync(session).ConfigureAwait(false)) return new Rescued(0, 0, false, [], []);
        var held = await FindHeldAsync(session).ConfigureAwait(false);
        var (jobs, bad) = (new List<JobId>(held.Count), new List<BadRow>());
        var (requeued, lastTries) = (0, 0);
        foreach (var job in held)
        {
            long? due = job.Crashes + 2 == RetryPolicy.CrashLimit ? now + (++lastTries * (long)Apart.TotalMilliseconds) : null;
            var again = false;
            if (await session.ApartAsync(async () => again = await RescueAsync(session, job, due, bad).ConfigureAwait(false)).ConfigureAwait(false) is { } error)
            {
                bad.Add(new BadRow(job.Fence.Job, $"it cannot be rescued and stays held: {error.Message}"));
                continue;
            }
            jobs.Add(job.Fence.Job);
            if (again) requeued++;
        }
        // A batch of bad rows alone would be found again and again.
        var more = held.Count == limit && jobs.Count > 0;
        if (only is null && !more) session.Use(End).Bind(1, lease).Send();
        return new Rescued(requeued, jobs.Count - requeued, more, jobs, bad);
    }

    private async ValueTask<bool> LivesAsync(Session session)
    {
        if (ExpiredBefore == long.MaxValue) return false;
        using var lost = session.Use(IsLost).Bind(1, ExpiredBefore).Bind(2, lease);
        return await lost.StepAsync().ConfigureAwait(false) && lost.Int64(0) == 0;
    }

    private async ValueTask<List<Held>> FindHeldAsync(Session session)
    {
        var held = new List<Held>();
        using var find = IsWorkers ? session.Use(FindHanded).Bind(1, lease).Bind(2, limit) : session.Use(Find).Bind(1, lease).Bind(2, only).Bind(3, limit);
        while (await find.StepAsync().ConfigureAwait(false))
        {
            if (Attempt is not null && find.Int32(1) != Attempt) continue;
            var origin = new JobOrigin(find.JobId(0), find.Text(7)!, find.Text(8)!, null, find.Int64(6), (DataClass)find.Int64(10), find.Blob(9)) { Parent = find.IsNull(12) ? null : find.JobId(12), Endpoints = find.Text(13) };
            held.Add(new Held(new Fence(origin.Id, lease, find.Int32(1)), find.Int32(2), find.Int32(3), find.Int64(4), (Mode)find.Int64(5), origin, find.Text(11)!));
        }
        return held;
    }

    /// <summary>True: it will be tried again, at once or when it is due.</summary>
    private async ValueTask<bool> RescueAsync(Session session, Held job, long? due, List<BadRow> bad)
    {
        var crashes = job.Crashes + 1;
        var oneShot = job.Mode is Mode.Sync or Mode.Stream;
        var lost = new SealedFailure(oneShot ? "node-lost" : "poison", FailureKind.Unavailable, oneShot ? "node-lost" : "poison", null);
        JobWrites.InsertAttempt(session, new FailedAttempt(job.Fence.Job, job.Fence.Attempt, job.Started, now, "crashed", null, null, lost with { Code = "node-lost", Fingerprint = "node-lost" }, default));
        await JobWrites.SpendUnknownAsync(session, job.Fence.Job, job.Fence.Attempt, now).ConfigureAwait(false);
        if (!oneShot && crashes < RetryPolicy.CrashLimit)
        {
            session.Use(Schedule)
                .Bind(1, (long)(due is null ? JobState.Queued : JobState.Scheduled)).Bind(2, due).Bind(3, job.Failures).Bind(4, crashes).Bind(5, due is null ? null : "crash")
                .Bind(6, (string?)null).Bind(7, now).Bind(8, job.Fence.Job).Bind(9, job.Fence.Lease).Bind(10, job.Fence.Attempt)
                .Send();
            return true;
        }
        session.Use(Leave).Bind(1, job.Fence.Job).Bind(2, job.Fence.Lease).Bind(3, job.Fence.Attempt).Send();
        // Only who ends needs the definition, and only to know how long it is kept.
        var retention = PinnedRetention.Of(job.Origin.Id, job.Definition, bad);
        await JobWrites.FinishJobAsync(session, job.Fence.Job, new Ending
        {
            State = oneShot ? JobState.Failed : JobState.Dead,
            Finished = now,
            Attempt = job.Fence.Attempt,
            Failures = job.Failures,
            Started = job.Started,
            Failure = lost,
            Node = node,
            Prune = oneShot ? Endings.PruneAt(retention, now) : Endings.Add(now, retention.Dead),
            // What its tenant weighs is not known here: the parent of a job that crashed for good takes a whole turn.
            Parent = job.Origin.Parent is { } parent ? new WaitingParent(parent, 1) : null,
            To = job.Origin.Addressees,
            Audit = [job.Origin.Audit(oneShot ? AuditActions.Failed : AuditActions.Died, lost.Code, node)],
        }).ConfigureAwait(false);
        return false;
    }
}

/// <param name="Requeued">Jobs that will be tried again.</param>
/// <param name="Ended">Jobs that ended: poison, or calls whose caller is gone with the node.</param>
/// <param name="More">There is more to rescue of this lease.</param>
/// <param name="Bad">Rows with which something is wrong.</param>
internal sealed record Rescued(int Requeued, int Ended, bool More, IReadOnlyList<JobId> Jobs, IReadOnlyList<BadRow> Bad);

using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Workers;

/// <summary>Keeps a worker alive in the eyes of the others, and tells it which of its jobs it need not go on with.</summary>
internal sealed class WorkerRenewals(Database database, WorkerSessions sessions, WorkerEnds settling, AttemptEnds ends, NodeLease lease)
{
    /// <summary>More than any worker does at once.</summary>
    public const int MostJobs = 10_000;

    /// <param name="jobs">All that the worker is at.</param>
    public async Task<WorkerAnswer<Renewed>> RenewAsync(string text, IReadOnlyList<WorkerAttempt> jobs)
    {
        if (sessions.Read(text) is not { } session) return WorkerRefusal.SessionUnknown;
        var now = database.Now;
        var expires = now + (long)lease.Length.TotalMilliseconds;
        if (!await database.WriteAsync(new RenewLease(session.Lease, expires)).ConfigureAwait(false)) return WorkerRefusal.SessionLost;
        var held = await HeldAsync(session.Lease).ConfigureAwait(false);
        var mine = held.Select(job => new WorkerAttempt(job.Fence.Job, job.Fence.Attempt)).ToHashSet();
        var stop = new List<StoppedAttempt>();
        foreach (var job in jobs.Where(job => !mine.Contains(job)))
        {
            var ended = await database.ReadAsync(reading => HeldByWorker.EndOfAsync(reading, job.Job, job.Attempt)).ConfigureAwait(false);
            stop.Add(new StoppedAttempt(job, ended is { State: JobState.Cancelled } ? "cancelled" : ended is { Outcome: "failed", Code: "timeout" or "expired" } ? "timeout" : "lost"));
        }
        await ReturnStraysAsync(held, jobs, now).ConfigureAwait(false);
        return new Renewed(DateTimeOffset.FromUnixTimeMilliseconds(expires), stop);
    }

    /// <summary>The worker stops: what it holds is others' at once, and nothing is counted.</summary>
    /// <param name="jobs">Which; null: all, and its session ends.</param>
    public async Task<WorkerAnswer<int>> ReleaseAsync(string text, IReadOnlyList<WorkerAttempt>? jobs)
    {
        if (sessions.Read(text) is not { } session) return WorkerRefusal.SessionUnknown;
        if (jobs is not null) return await ReleaseAsync(session, jobs.Select(job => new Fence(job.Job, session.Lease, job.Attempt))).ConfigureAwait(false);
        var released = 0;
        do
        {
            // Anew each time: a claim of its own may come in between, and what it takes must not lie under a lease that is gone.
            var all = await HeldAsync(session.Lease).ConfigureAwait(false);
            released += await ReleaseAsync(session, all.Select(job => job.Fence)).ConfigureAwait(false);
        }
        while (!await database.WriteAsync(new EndSession(session.Lease)).ConfigureAwait(false));
        return released;
    }

    private async Task<int> ReleaseAsync(WorkerSession session, IEnumerable<Fence> fences)
    {
        var released = 0;
        foreach (var fence in fences)
        {
            if (await settling.ReleaseAsync(fence, session.Worker).ConfigureAwait(false)) released++;
        }
        return released;
    }

    private ValueTask<IReadOnlyList<ClaimedJob>> HeldAsync(long session) => database.ReadAsync(reading => HeldByWorker.ReadAsync(reading, session));

    /// <summary>Gives back what a worker holds and does not know of.</summary>
    /// <param name="jobs">All that it is at.</param>
    public async Task ReturnStraysAsync(WorkerSession session, IReadOnlyList<WorkerAttempt> jobs)
        => await ReturnStraysAsync(await HeldAsync(session.Lease).ConfigureAwait(false), jobs, database.Now).ConfigureAwait(false);

    // The answer to a claim was lost on its way, and its worker knows nothing of these: held for as long as it lives, and done by nobody.
    // One that is on its way still is older than any answer that may yet arrive.
    private async Task ReturnStraysAsync(IReadOnlyList<ClaimedJob> held, IReadOnlyList<WorkerAttempt> jobs, long now)
    {
        var known = jobs.ToHashSet();
        foreach (var stray in held.Where(job => now - job.Started > lease.Length.TotalMilliseconds && !known.Contains(new WorkerAttempt(job.Fence.Job, job.Fence.Attempt))))
            await ends.HandBackAsync(stray).ConfigureAwait(false);
    }
}

/// <summary>An attempt, as a worker names it.</summary>
internal readonly record struct WorkerAttempt(JobId Job, int Attempt);

/// <param name="Reason">`cancelled`, `timeout` or `lost`.</param>
internal sealed record StoppedAttempt(WorkerAttempt Job, string Reason);

/// <param name="Stop">Those of its attempts that the worker need not go on with.</param>
internal sealed record Renewed(DateTimeOffset Expires, IReadOnlyList<StoppedAttempt> Stop);

using Headway.Access;
using Headway.Audit;
using Headway.Features;
using Headway.Jobs.Accepting;
using Headway.Jobs.Storage;
using Headway.Storage;
using Headway.Streams;

namespace Headway.Jobs.Running;

/// <summary>What people do to jobs: cancel, replay.</summary>
internal sealed class Operators(Database database, JobReader jobs, Versions versions, RunningJobs running, LiveOutputs outputs, Finished finished, Claimer claimer, NodeLease lease)
{
    // One pass over dead letters; a larger replay goes on in the next.
    private const int ReplayPage = 200;

    /// <summary>Idempotent and final: a job that has ended stays as it ended.</summary>
    public async Task<Job?> CancelAsync(Caller caller, JobId id)
    {
        var row = jobs.Row(caller.Tenant, id);
        if (row is null || row.IsFinished) return row is null ? null : jobs.JobOf(row, detailed: true);
        var (data, retention) = versions.Known(row.Definition);
        var now = database.Now;
        var cancelled = await database.WriteAsync(new CancelJob(id, (attempt, failures, started) => new Ending
        {
            State = JobState.Cancelled,
            Finished = now,
            Attempt = attempt,
            Failures = failures,
            Started = started,
            Node = row.Node,
            Prune = Endings.PruneAt(retention, now),
            Failure = new SealedFailure("cancelled", FailureKind.Permanent, "cancelled", null),
            Audit = [Tell(caller, row, AuditActions.Cancelled, data)],
        })).ConfigureAwait(false);
        if (cancelled)
        {
            running.Stop(id, StopReason.Cancelled);
            outputs.Changed(id);
            finished.Tell(id);
        }
        return jobs.Find(caller.Tenant, id);
    }

    /// <summary>Puts a dead letter back to queued.</summary>
    public async Task<Answer> ReplayAsync(Caller caller, JobId id)
    {
        var row = jobs.Row(caller.Tenant, id);
        if (row is null) return new Answer.Refused(new Refusal(RefusalKind.NotFound, "job-unknown", $"There is no job {id}."));
        if (row.State is not JobState.Dead)
        {
            return new Answer.Refused(new Refusal(RefusalKind.Conflict, "job-not-dead", $"Only a dead letter can be replayed; {id} is {row.State.ToString().ToLowerInvariant()}."));
        }
        if (row.Input is null) return new Answer.Refused(new Refusal(RefusalKind.Expired, "input-expired", $"The input of {id} was removed by retention; it cannot be replayed."));
        var registered = versions.Pinned(row.Definition);
        await database.WriteAsync(new ReplayJob(id, caller.Tenant, Tell(caller, row, AuditActions.Replayed, registered.Version.Contract.Data), database.Now)).ConfigureAwait(false);
        claimer.Serve(registered);
        claimer.Wake(registered.Pool);
        outputs.Changed(id);
        return new Answer.Accepted(jobs.Find(caller.Tenant, id)!);
    }

    public async Task<int> ReplayDeadAsync(Caller caller, JobFilter filter, bool dryRun, CancellationToken stop)
    {
        var count = 0;
        var page = filter with { State = JobState.Dead, Limit = ReplayPage, After = null };
        while (true)
        {
            var dead = jobs.List(caller.Tenant, page);
            foreach (var job in dead.Jobs)
            {
                stop.ThrowIfCancellationRequested();
                if (dryRun || await TryReplayAsync(caller, job.Id).ConfigureAwait(false)) count++;
            }
            if (dead.Next is null) return count;
            page = page with { After = dead.Next };
        }
    }

    // One whose definition cannot be read stays dead; those behind it are replayed.
    private async Task<bool> TryReplayAsync(Caller caller, JobId id)
    {
        try
        {
            return await ReplayAsync(caller, id).ConfigureAwait(false) is Answer.Accepted;
        }
        catch (StorageException error) when (error.Code is "storage-corrupt")
        {
            return false;
        }
    }

    private AuditEvent Tell(Caller caller, JobRow row, string action, DataClass data) => new()
    {
        Action = action,
        Job = row.Id,
        Tenant = row.Tenant,
        Actor = caller.Actor,
        Address = caller.Address,
        Definition = row.Definition,
        Data = data,
        Subject = row.Subject,
        Node = lease.Node,
    };
}

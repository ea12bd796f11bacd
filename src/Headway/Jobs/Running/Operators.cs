using Headway.Access;
using Headway.Audit;
using Headway.Features;
using Headway.Jobs.Storage;
using Headway.Jobs.Waiting;
using Headway.Jobs.Workers;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>What people do to jobs under way: cancel them, take them aside, let them go on.</summary>
/// <param name="rests">Whether a job's work gives up its place by itself now and then, and may have something to undo: a workflow.</param>
internal sealed class Operators(
    Database database, JobReader jobs, Versions versions, RunningJobs running, JobNews news, NodeLease lease, TenantTerms tenants, PullPools pulled, Func<JobRow, bool> rests)
{
    /// <summary>Idempotent and final: a job that has ended stays as it ended. A workflow that has something to undo is told to, and is cancelled when it has.</summary>
    /// <param name="atOnce">Nothing is undone.</param>
    /// <param name="leftBy">The parent that has ended and left it.</param>
    public async Task<Job?> CancelAsync(Caller caller, JobId id, bool atOnce = false, JobId? leftBy = null)
    {
        var row = jobs.Row(caller.Tenant, id);
        if (row is null || row.IsFinished) return row is null ? null : jobs.JobOf(row, detailed: true);
        var (data, retention) = versions.Known(row.Definition);
        var now = database.Now;
        var cancelled = await database.WriteAsync(new CancelJob(id, caller.Tenant, tenants.WeightOf(caller.Tenant), (attempt, failures, started) => new Ending
        {
            State = JobState.Cancelled,
            Finished = now,
            Attempt = attempt,
            Failures = failures,
            Started = started,
            Node = row.Node,
            Prune = Endings.PruneAt(retention, now),
            Failure = new SealedFailure("cancelled", FailureKind.Permanent, "cancelled", null),
            Audit = [Tell(caller, row, AuditActions.Cancelled, data) with { Outcome = atOnce ? "terminated" : null }],
        })
        {
            Parent = row.Parent,
            LeftBy = leftBy,
            Now = now,
            Asking = !atOnce && rests(row) ? Tell(caller, row, AuditActions.Cancelling, data) : null,
        }).ConfigureAwait(false);
        if (cancelled is Cancelled.Asked)
        {
            news.Changed(id);
            news.Queued(row.Pool);
        }
        else if (cancelled is Cancelled.Ended)
        {
            running.Stop(id, StopReason.Cancelled);
            news.Ended(id, row.Endpoint);
            FreeForWorkers(row);
            await CancelChildrenAsync(caller, id).ConfigureAwait(false);
        }
        return jobs.Find(caller.Tenant, id);
    }

    /// <summary>Takes a job aside until it is resumed. Durable when it returns. Null: unknown to this tenant.</summary>
    public async Task<(Job Job, Paused Verdict)?> PauseAsync(Caller caller, JobId id)
    {
        if (jobs.Row(caller.Tenant, id) is not { } row) return null;
        var told = Tell(caller, row, AuditActions.Paused, jobs.DataOf(row));
        var verdict = await database.WriteAsync(new PauseJob(id, row.Tenant, row.Priority, rests(row), tenants.WeightOf(row.Tenant), told, database.Now)).ConfigureAwait(false);
        if (verdict is Paused.Done or Paused.Asked) news.Changed(id);
        return jobs.Find(caller.Tenant, id) is { } job ? (job, verdict) : null;
    }

    /// <summary>Lets a paused job go on where it was. Durable when it returns. Null: unknown to this tenant.</summary>
    public async Task<(Job Job, Resumed Verdict)?> ResumeAsync(Caller caller, JobId id)
    {
        if (jobs.Row(caller.Tenant, id) is not { } row) return null;
        var told = Tell(caller, row, AuditActions.Resumed, jobs.DataOf(row));
        var verdict = await database.WriteAsync(new ResumeJob(id, tenants.WeightOf, told, database.Now)).ConfigureAwait(false);
        if (verdict is Resumed.Queued) news.Queued(row.Pool);
        if (verdict is Resumed.Queued or Resumed.GoesOn) news.Changed(id);
        return jobs.Find(caller.Tenant, id) is { } job ? (job, verdict) : null;
    }

    // What it waited for is wanted by nobody else. A node that dies before is made up for by upkeep.
    private async Task CancelChildrenAsync(Caller caller, JobId id)
    {
        var waits = await database.ReadAsync(session => Waits.ReadAsync(session, id)).ConfigureAwait(false);
        foreach (var child in waits.Where(wait => wait.Kind is WaitKind.Child && !wait.IsOver).Select(wait => wait.Child).OfType<JobId>()) await CancelAsync(caller, child).ConfigureAwait(false);
    }

    // A node's slot becomes free when its attempt has stopped; a place among what workers hold is free now, and nobody else tells those who wait for it.
    private void FreeForWorkers(JobRow row)
    {
        if (pulled.Find(row.Pool) is not null) news.Freed(row.Pool, tenants.RunningOf(row.Tenant) is null ? null : row.Tenant);
    }

    private AuditEvent Tell(Caller caller, JobRow row, string action, DataClass data) => row.Audit(caller, action, data, lease.Node);
}

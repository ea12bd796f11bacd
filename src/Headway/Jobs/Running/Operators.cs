using Headway.Access;
using Headway.Audit;
using Headway.Features;
using Headway.Jobs.Storage;
using Headway.Jobs.Waiting;
using Headway.Jobs.Workers;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>What people do to jobs under way: cancel them.</summary>
internal sealed class Operators(Database database, JobReader jobs, Versions versions, RunningJobs running, JobNews news, NodeLease lease, TenantTerms tenants, PullPools pulled)
{
    /// <summary>Idempotent and final: a job that has ended stays as it ended.</summary>
    public async Task<Job?> CancelAsync(Caller caller, JobId id)
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
            Audit = [Tell(caller, row, AuditActions.Cancelled, data)],
        })
        {
            Parent = row.Parent,
        }).ConfigureAwait(false);
        if (cancelled)
        {
            running.Stop(id, StopReason.Cancelled);
            news.Ended(id);
            FreeForWorkers(row);
            await CancelChildrenAsync(caller, id).ConfigureAwait(false);
        }
        return jobs.Find(caller.Tenant, id);
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
        if (pulled.Find(row.Pool) is null) return;
        if (tenants.RunningOf(row.Tenant) is not null) news.Queued();
        else news.Queued(row.Pool);
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

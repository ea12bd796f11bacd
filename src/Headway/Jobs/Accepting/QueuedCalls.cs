using Headway.Audit;
using Headway.Features;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Jobs.Accepting;

/// <summary>
/// Async and hybrid: durable first, then the answer. A job is claimed by the same write that accepts it if this node has a free slot
/// and nobody waits before it, so its fast path has no hop through the queue.
/// </summary>
internal sealed class QueuedCalls(
    Database database, Preparation preparation, Pools pools, NodeLease lease, Claimer claimer, JobNews news, JobRunner runner, AttemptEnds ends, RunningJobs running, JobWaiter waiter, Results results,
    Repeats repeats, AnswersAgain again, Admission admission, TenantTerms tenants, AttemptCosts costs, ILogger<QueuedCalls> logger)
{
    public async Task<Answer> AnswerAsync(Call call, CancellationToken callerLeft)
    {
        if (call.Debounce is not null && call.Input.Files.Count > 0) return new Answer.Refused(Refusals.DebounceForbidden);
        var prepared = await preparation.PrepareAsync(call, withInput: true, callerLeft).ConfigureAwait(false);
        if (await again.TryAnswerAsync(call, prepared, callerLeft).ConfigureAwait(false) is { } given) return given;
        claimer.Serve(prepared.Registered);
        // One that is given another's job needs no time of its own.
        if (prepared.Job is { Hold: null } && admission.Judge(call, prepared.Job) is { } late) return new Answer.Refused(late);
        var pool = pools.For(call.Feature);
        var tenant = call.Caller.Tenant;
        var inline = prepared.Job.Due is null && claimer.Serves(prepared.Registered.Pool) && !IsCounted(tenant, pool) && pool.TryEnter();
        // Once: a lease that is lost meanwhile must not lend its successor's number to what this write claims.
        var claim = new Fence(prepared.Job.Origin.Id, lease.Number, 1);
        // Before others can know of it, so that whoever stops it from its first moment on finds it noted.
        if (inline) running.Claimed([claim]);
        Acceptance? verdict = null;
        try
        {
            verdict = await WriteAsync(call, prepared, pool, inline ? claim.Lease : null).ConfigureAwait(false);
        }
        finally
        {
            if (inline && verdict is not Acceptance.Accepted { Claimed: true }) Leave(pool, claim);
        }
        if (verdict is Acceptance.Repeat repeat) return await repeats.AnswerAsync(call, repeat, callerLeft).ConfigureAwait(false);
        if (verdict is Acceptance.OverBudget over) return new Answer.Refused(Refusals.OverBudget(over.Refusal, database.Time.GetUtcNow()));
        if (verdict is Acceptance.Full) return new Answer.Refused(admission.QueueFull(call, prepared.Registered.Pool));
        if (verdict is Acceptance.TenantFull) return new Answer.Refused(Refusals.TenantQueueFull(tenant, tenants.QueuedOf(tenant) ?? 0, pool));
        if (verdict is Acceptance.Replaced replaced) return repeats.Replaced(call, replaced.Job);
        if (verdict is Acceptance.Accepted { Claimed: true }) _ = RunAsync(prepared, claim, pool);
        else if (prepared.Job.Due is null) news.Queued(prepared.Registered.Pool, tenant);
        return again.Tell(await AnswerWithinAsync(call, prepared, callerLeft).ConfigureAwait(false), call, prepared);
    }

    private Task<Acceptance> WriteAsync(Call call, Prepared prepared, Pool pool, long? held)
    {
        var tenant = call.Caller.Tenant;
        return database.WriteAsync(new AcceptJob(prepared.Job, prepared.Work.Origin.Audit(AuditActions.Submitted))
        {
            Lease = held,
            Started = prepared.Work.Origin.Audit(AuditActions.Started, node: lease.Node),
            Room = pool.Room,
            QueuedLimit = call.Feature.Pool.Queued,
            TenantRoom = tenants.QueuedOf(tenant) is null ? null : tenants.RoomOf(tenant),
            TenantQueuedLimit = tenants.QueuedOf(tenant) ?? 0,
        });
    }

    /// <summary>How long the caller is kept: the contract's wait, lowered by what the caller prefers.</summary>
    public static TimeSpan WaitOf(Call call)
    {
        var contract = call.Feature.Contract;
        if (contract.Mode is not Mode.Hybrid || call.PreferAsync || call.TakesNoResult) return TimeSpan.Zero;
        var wait = contract.Wait ?? contract.AcceptableWaitOrDefault ?? TimeSpan.FromSeconds(2);
        return call.PreferWait < wait ? call.PreferWait.Value : wait;
    }

    // What runs on all nodes is counted by who claims, under a lock that a call need not wait for.
    private bool IsCounted(string tenant, Pool pool) => tenants.RunningOf(tenant) is not null || pool.Cluster is not null;

    private async Task<Answer> AnswerWithinAsync(Call call, Prepared prepared, CancellationToken callerLeft)
    {
        var wait = WaitOf(call);
        if (wait > TimeSpan.Zero && await waiter.WaitAsync(call.Caller.Tenant, prepared.Job.Origin.Id, wait, callerLeft).ConfigureAwait(false) is { } job)
        {
            return job.IsFinished ? await results.AnswerAsync(call.Caller, job, callerLeft).ConfigureAwait(false) : new Answer.Accepted(job);
        }
        return new Answer.Accepted(Answers.JobOf(prepared.Work, prepared.Job, null, state: prepared.Job.Due is null ? JobState.Queued : JobState.Scheduled));
    }

    private void Leave(Pool pool, Fence claim)
    {
        running.Settled(claim);
        pool.Leave();
    }

    private async Task RunAsync(Prepared prepared, Fence claim, Pool pool)
    {
        var work = prepared.Work;
        var began = database.Time.GetTimestamp();
        var claimed = new ClaimedJob(claim, 0, 0, database.Now);
        var ended = Task.CompletedTask;
        try
        {
            ended = await runner.RunAsync(work, claimed).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // One bad job hurts only itself.
        catch (Exception error)
#pragma warning restore CA1031
        {
            logger.LogError(error, "{Job} could not be run", work.Origin.Id);
            await ends.TakeBackAsync(claim).ConfigureAwait(false);
        }
        finally
        {
            running.Settled(claim);
        }
        await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var took = database.Time.GetElapsedTime(began);
        costs.Note(prepared.Registered.Pool, work.Origin.Tenant, took, pool.Pace);
        pool.Leave(took);
    }
}

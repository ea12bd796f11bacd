using Headway.Audit;
using Headway.Features;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Jobs.Accepting;

/// <summary>
/// Async and hybrid: durable first, then the answer. A hybrid job is claimed by the same write that accepts it if this node has a free slot
/// and nobody waits before it, so its fast path has no hop through the queue.
/// </summary>
internal sealed class QueuedCalls(
    Database database, Preparation preparation, Pools pools, NodeLease lease, Claimer claimer, JobRunner runner, AttemptEnds ends, JobWaiter waiter, Results results,
    Repeats repeats, AnswersAgain again, ILogger<QueuedCalls> logger)
{
    public async Task<Answer> AnswerAsync(Call call, CancellationToken callerLeft)
    {
        var prepared = await preparation.PrepareAsync(call, withInput: true, callerLeft).ConfigureAwait(false);
        if (await again.TryAnswerAsync(call, prepared, callerLeft).ConfigureAwait(false) is { } given) return given;
        claimer.Serve(prepared.Registered);
        var pool = pools.For(call.Feature);
        var inline = call.Feature.Contract.Mode is Mode.Hybrid && call.StartAt is null && pool.TryEnter();
        var accepted = false;
        // Once: a lease that is lost meanwhile must not lend its successor's number to what this write claims.
        var held = lease.Number;
        try
        {
            var verdict = await database.WriteAsync(new AcceptJob(prepared.Job, prepared.Work.Origin.Audit(AuditActions.Submitted))
            {
                Lease = inline ? held : null,
                Started = prepared.Work.Origin.Audit(AuditActions.Started, node: lease.Node),
                Room = pool.Room,
                QueuedLimit = call.Feature.Pool.Queued,
            }).ConfigureAwait(false);
            if (verdict is Acceptance.Repeat repeat) return await repeats.AnswerAsync(call, repeat, callerLeft).ConfigureAwait(false);
            if (verdict is Acceptance.OverBudget over) return new Answer.Refused(Refusals.OverBudget(over.Refusal, database.Time.GetUtcNow()));
            if (verdict is Acceptance.Full) return new Answer.Refused(Refusals.QueueFull(pool, call.Feature.Pool.Queued));
            accepted = inline && verdict is Acceptance.Accepted { Claimed: true };
        }
        finally
        {
            if (inline && !accepted) pool.Leave();
        }
        if (accepted) _ = RunAsync(prepared.Work, held, pool);
        else if (prepared.Job.Due is null) claimer.Wake(prepared.Registered.Pool);
        return again.Tell(await AnswerWithinAsync(call, prepared, callerLeft).ConfigureAwait(false), call, prepared);
    }

    /// <summary>How long the caller is kept: the contract's wait, lowered by what the caller prefers.</summary>
    public static TimeSpan WaitOf(Call call)
    {
        var contract = call.Feature.Contract;
        if (contract.Mode is not Mode.Hybrid || call.PreferAsync) return TimeSpan.Zero;
        var wait = contract.Wait ?? contract.AcceptableWaitOrDefault ?? TimeSpan.FromSeconds(2);
        return call.PreferWait < wait ? call.PreferWait.Value : wait;
    }

    private async Task<Answer> AnswerWithinAsync(Call call, Prepared prepared, CancellationToken callerLeft)
    {
        var wait = WaitOf(call);
        if (wait > TimeSpan.Zero && await waiter.WaitAsync(call.Caller.Tenant, prepared.Job.Origin.Id, wait, callerLeft).ConfigureAwait(false) is { } job)
        {
            return job.IsFinished ? await results.AnswerAsync(call.Caller, job, callerLeft).ConfigureAwait(false) : new Answer.Accepted(job);
        }
        return new Answer.Accepted(Answers.JobOf(prepared.Work, prepared.Job, null, state: prepared.Job.Due is null ? JobState.Queued : JobState.Scheduled));
    }

    private async Task RunAsync(Work work, long held, Pool pool)
    {
        var began = database.Time.GetTimestamp();
        var claimed = new ClaimedJob(new Fence(work.Origin.Id, held, 1), 0, 0, database.Now);
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
            await ends.TakeBackAsync(claimed.Fence).ConfigureAwait(false);
        }
        await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        pool.Leave(database.Time.GetElapsedTime(began));
    }
}

using Headway.Audit;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;
using Headway.Streams;
using Microsoft.Extensions.Logging;

namespace Headway.Jobs.Accepting;

/// <summary>
/// Stream: a slot of the pool, durable acceptance, then the work begins and whoever reads its events sees them as they come. When the last
/// reader has been gone for the contract's `resumeFor`, the work is cancelled as abandoned.
/// </summary>
internal sealed class StreamCalls(
    Database database, Preparation preparation, Pools pools, NodeLease lease, JobRunner runner, AttemptEnds ends, LiveOutputs outputs, RunningJobs running, Repeats repeats,
    AnswersAgain again, ILogger<StreamCalls> logger)
{
    // The caller's own reader comes right after the answer; with `resumeFor: 0s` it must still be given the time to come.
    private static readonly TimeSpan FirstReader = TimeSpan.FromSeconds(5);

    public async Task<Answer> AnswerAsync(Call call, CancellationToken callerLeft)
    {
        var arrived = database.Time.GetTimestamp();
        var prepared = await preparation.PrepareAsync(call, withInput: true, callerLeft).ConfigureAwait(false);
        if (repeats.Kept(prepared.Job) is { } kept) return await repeats.AnswerAsync(call, kept, callerLeft).ConfigureAwait(false);
        if (await again.TryAnswerAsync(call, prepared, callerLeft).ConfigureAwait(false) is { } given) return given;
        var pool = pools.For(call.Feature);
        if (!await pool.EnterAsync(call.Feature.Timeout, database.Time, callerLeft).ConfigureAwait(false)) return new Answer.Refused(Refusals.PoolFull(pool, database.Now));
        // Once: a lease that is lost meanwhile must not lend its successor's number to what this write claims.
        var claim = new Fence(prepared.Job.Origin.Id, lease.Number, 1);
        Acceptance? verdict = null;
        // Before others can know of it, so that whoever stops it from its first moment on finds it noted.
        running.Claimed([claim]);
        try
        {
            // Of those that waited for a slot with the same input, only the first has it made.
            if (again.Find(call, prepared.Work) is { } made) return await again.GiveAsync(call, prepared, made, CacheUseKind.Hit, database.Time.GetElapsedTime(arrived), callerLeft).ConfigureAwait(false);
            var opened = call.Feature.Contract.IsSensitive ? prepared.Work.Origin.Audit(AuditActions.Opened, node: lease.Node) : null;
            verdict = await database.WriteAsync(new AcceptJob(prepared.Job, opened) { Lease = claim.Lease, HoldsSlot = true }).ConfigureAwait(false);
        }
        finally
        {
            if (verdict is not Acceptance.Accepted) Leave(pool, claim);
        }
        if (verdict is Acceptance.OverBudget over) return new Answer.Refused(Refusals.OverBudget(over.Refusal, database.Time.GetUtcNow()));
        if (verdict is Acceptance.Repeat repeat) return await repeats.AnswerAsync(call, repeat, callerLeft).ConfigureAwait(false);
        _ = RunAsync(prepared.Work, claim, pool, call.Feature.Contract.ResumeFor);
        return again.Tell(new Answer.Streaming(Answers.JobOf(prepared.Work, prepared.Job, null, database.Time.GetElapsedTime(arrived), JobState.Running)), call, prepared);
    }

    private void Leave(Pool pool, Fence claim)
    {
        running.Settled(claim);
        pool.Leave();
    }

    private async Task RunAsync(Work work, Fence claim, Pool pool, TimeSpan resumeFor)
    {
        var began = database.Time.GetTimestamp();
        var id = work.Origin.Id;
        var claimed = new ClaimedJob(claim, 0, 0, database.Now);
        var ended = Task.CompletedTask;
        // Held over the whole attempt, so that watchers and writer share one object.
        var live = outputs.Open(id);
        try
        {
            // The work is known as running by the time this returns: only then can it be stopped as abandoned.
            var run = runner.RunAsync(work, claimed);
            live.ExpectReaders(resumeFor > FirstReader ? resumeFor : FirstReader, resumeFor, database.Time, () => running.Stop(id, StopReason.Abandoned));
            ended = await run.ConfigureAwait(false);
        }
#pragma warning disable CA1031 // One bad job hurts only itself.
        catch (Exception error)
#pragma warning restore CA1031
        {
            logger.LogError(error, "{Job} could not be run", id);
            await ends.TakeBackAsync(claim).ConfigureAwait(false);
        }
        finally
        {
            live.ExpectNobody();
            live.Release();
            running.Settled(claim);
        }
        await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        pool.Leave(database.Time.GetElapsedTime(began));
    }
}

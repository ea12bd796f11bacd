using Headway.Audit;
using Headway.Budgets;
using Headway.Caching;
using Headway.Handlers;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Models.Limits;
using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Jobs.Accepting;

/// <summary>
/// Sync: enter the pool, run, answer. A call with an idempotency key, with personal or phi data, or under a budget is durable before the handler sees it;
/// any other is recorded right after its answer.
/// </summary>
internal sealed class SyncCalls(
    Database database, Preparation preparation, HandlerFactory handlers, Pools pools, RunningJobs running, JobNews news, NodeLease lease, AttemptEnds ends,
    CallRecords records, Repeats repeats, CachedCalls cached, AnswerCache cache, BudgetsInForce budgets, ILogger<SyncCalls> logger)
{
    private readonly AttemptRunner _attempts = new(database.Time);

    public CallRecords Records => records;

    public async Task<Answer> AnswerAsync(Call call, CancellationToken callerLeft)
    {
        var arrived = database.Time.GetTimestamp();
        var prepared = await preparation.PrepareAsync(call, withInput: false, callerLeft).ConfigureAwait(false);
        if (repeats.Kept(prepared.Job) is { } kept) return await repeats.AnswerAsync(call, kept, callerLeft).ConfigureAwait(false);
        return await cached.AnswerAsync(call, prepared, arrived, left => AskAsync(call, prepared, arrived, left), callerLeft).ConfigureAwait(false);
    }

    private async Task<Answer> AskAsync(Call call, Prepared prepared, long arrived, CancellationToken callerLeft)
    {
        var ahead = call.Feature.Contract.IsSensitive || call.IdempotencyKey is not null || prepared.Job.Reservation is not null;
        var pool = pools.For(call.Feature);
        if (!await pool.EnterAsync(call.Feature.Timeout, database.Time, callerLeft).ConfigureAwait(false)) return new Answer.Refused(Refusals.PoolFull(pool, database.Now));
        var ended = Task.CompletedTask;
        // What it waited for the slot is not what the work took.
        var entered = database.Time.GetTimestamp();
        try
        {
            // Looked at with the slot in hand: whatever was refused a record while this call waited for it counts. A call that is written ahead is its own probe.
            if (!ahead && records.Refusal is { } refusal) return new Answer.Refused(refusal);
            // Once: a lease that is lost while the handler works must not lend its successor's number to the end of what this one holds.
            (var answer, ended) = ahead
                ? await RunHeldAsync(call, prepared, lease.Number, arrived, callerLeft).ConfigureAwait(false)
                : await RunAsync(prepared, null, database.Time.GetElapsedTime(arrived), callerLeft).ConfigureAwait(false);
            return answer;
        }
        finally
        {
            _ = LeaveAsync(pool, ended, entered);
        }
    }

    private async Task LeaveAsync(Pool pool, Task ended, long entered)
    {
        await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        pool.Leave(database.Time.GetElapsedTime(entered));
    }

    private async Task<(Answer Answer, Task Ended)> RunHeldAsync(Call call, Prepared prepared, long held, long arrived, CancellationToken callerLeft)
    {
        var claim = new Fence(prepared.Job.Origin.Id, held, 1);
        // Before others can know of it, so that whoever stops it from its first moment on finds it noted.
        running.Claimed([claim]);
        Acceptance? accepted = null;
        try
        {
            accepted = await OpenAsync(prepared, held).ConfigureAwait(false);
        }
        finally
        {
            if (accepted is not Acceptance.Accepted) running.Settled(claim);
        }
        return accepted switch
        {
            Acceptance.OverBudget over => (new Answer.Refused(Refusals.OverBudget(over.Refusal, database.Time.GetUtcNow())), Task.CompletedTask),
            Acceptance.Repeat repeat => (await repeats.AnswerAsync(call, repeat, callerLeft).ConfigureAwait(false), Task.CompletedTask),
            _ => await RunAsync(prepared, held, database.Time.GetElapsedTime(arrived), callerLeft).ConfigureAwait(false),
        };
    }

    private Task<Acceptance> OpenAsync(Prepared prepared, long held) => database.WriteAsync(
        new AcceptJob(prepared.Job, prepared.Work.Version.Contract.IsSensitive ? prepared.Work.Origin.Audit(AuditActions.Opened, node: lease.Node) : null)
        {
            Lease = held,
            HoldsSlot = true,
        });

    /// <param name="held">The lease that the accepted row is held under; null: nothing is written yet.</param>
    /// <returns>Also what goes on after the answer: the slot is not free before it is over.</returns>
    private async Task<(Answer Answer, Task Ended)> RunAsync(Prepared prepared, long? held, TimeSpan waited, CancellationToken callerLeft)
    {
        var (work, id) = (prepared.Work, prepared.Work.Origin.Id);
        var started = database.Time.GetUtcNow();
        var until = started + work.Version.Timeout;
        if (work.Deadline < until) until = work.Deadline.Value;
        using var signal = new StopSignal(until - started, database.Time);
        await using var left = callerLeft.Register(() => signal.Stop(StopReason.Abandoned)).ConfigureAwait(false);
        var waits = new AttemptWaits();
        var claimed = new ClaimedJob(new Fence(id, held ?? 0, 1), 0, 0, started.ToUnixTimeMilliseconds());
        if (held is not null)
        {
            running.Add(claimed.Fence, signal, waits);
            running.Settled(claimed.Fence);
        }
        var disclosures = new Disclosures(database, work.Origin, lease.Node, ahead: false);
        try
        {
            var spent = new UsageMeter();
            var key = cache.KeyOf(work.Version, work.CacheInput);
            var attempt = new Attempt
            {
                Spent = spent,
                Waits = waits,
                Budget = budgets.For(id, work.Version.Feature, work.Origin.Tenant, spent),
                Job = id,
                Feature = work.Version,
                Number = 1,
                Tenant = work.Origin.Tenant,
                Actor = work.Origin.Actor,
                Input = work.Input,
                Subject = work.Subject,
                Deadline = work.Deadline,
                TraceParent = work.TraceParent,
                Until = until,
                Output = NoOutput.Instance,
                Disclosures = disclosures,
            };
            var (outcome, ended) = await _attempts.RunAsync(handlers.For(work.Version), attempt, signal).ConfigureAwait(false);
            var facts = new Facts(attempt, disclosures, database, ends);
            var known = facts.Look();
            work = work with { KeepUnder = cache.StillKeyOf(work.Version, work.CacheInput, key) };
            var settlement = Settlement.Of(work, claimed, outcome, known.Spent, signal.Reason, database.Time.GetUtcNow(), lease.Node, 0, static () => true);
            // Cancelled by an operator, or the lease is lost: whoever took the job has written its end.
            if (settlement?.Ending is not { } bare) return (new Answer.Abandoned(), facts.KeepRestAsync(ended));
            var ending = bare with { Calls = facts.CallsOf(known), Audit = [.. bare.Audit.Select(entry => entry with { Recipient = disclosures.Recipients(known.Disclosed) })] };
            if (held is null)
            {
                await records.AddAsync(prepared.Job, work.Input.Request is null ? ending with { Result = null } : ending).ConfigureAwait(false);
                facts.Written(known);
                return (AnswerOf(prepared, outcome, ending, waited), facts.KeepRestAsync(ended));
            }
            var (instead, late) = await EndAsync(claimed.Fence, ending, until).ConfigureAwait(false);
            // Not this attempt's any more: the end was not written, and its facts are.
            if (instead is not Answer.Abandoned) facts.Written(known);
            return (instead ?? AnswerOf(prepared, outcome, ending, waited), Task.WhenAll(facts.KeepRestAsync(ended), late));
        }
        finally
        {
            if (held is not null) running.Remove(claimed.Fence, signal, waits);
        }
    }

    /// <summary>Ends a call that was written ahead; null: it is durable, and its caller may be answered.</summary>
    /// <remarks>
    /// No answer leaves before its record: if the node died in between, rescue would record the call as lost, and a repeat of its key would be
    /// told otherwise than the caller was. So while the disk takes nothing the caller is kept, but no longer than its own timeout; then it is
    /// told so, and the end is written as soon as it can be. A repeat with the key, or a reader of the result, then gets the answer. The audit event
    /// is `served` in any case: it may tell of an access that came later or not at all, never conceal one.
    /// </remarks>
    private async Task<(Answer? Instead, Task Late)> EndAsync(Fence fence, Ending ending, DateTimeOffset until)
    {
        try
        {
            var kept = await ends.WriteAsync(fence.Job, () => new EndJob(fence, ending, null, []), until).ConfigureAwait(false);
            news.Ended(fence.Job);
            return (kept ? null : new Answer.Abandoned(), Task.CompletedTask);
        }
        catch (StorageException error) when (error.MayPass && !database.IsClosing)
        {
            return (new Answer.Refused(Refusals.NotRecorded(fence.Job, error)), EndLateAsync(fence, ending));
        }
        catch
        {
            await ends.TakeBackAsync(fence).ConfigureAwait(false);
            throw;
        }
    }

    // Counted as claimed before the call leaves the running ones, so that a node that stops waits for it in between, too.
    private async Task EndLateAsync(Fence fence, Ending ending)
    {
        running.Claimed([fence]);
        try
        {
            await ends.WriteAsync(fence.Job, () => new EndJob(fence, ending, null, [])).ConfigureAwait(false);
            logger.LogInformation("{Job}: its end is written now; its caller was told to come back for it", fence.Job);
            news.Ended(fence.Job);
        }
        catch (StorageException error)
        {
            logger.LogError("{Job}: its end could not be written: {Cure}", fence.Job, error.Message);
            await ends.TakeBackAsync(fence).ConfigureAwait(false);
        }
        finally
        {
            running.Settled(fence);
        }
    }

    private static Answer AnswerOf(Prepared prepared, Outcome? outcome, Ending ending, TimeSpan waited)
    {
        var answered = Answers.JobOf(prepared.Work, prepared.Job, ending, waited);
        return outcome switch
        {
            Outcome.Done done => new Answer.Done(answered, done.Result) { IsKept = ending.Keep is not null },
            _ when ending.State is JobState.Cancelled => new Answer.Abandoned(),
            _ => new Answer.Failed(answered, FailureOf(outcome)),
        };
    }

    private static Failure FailureOf(Outcome? outcome) => outcome switch
    {
        Outcome.Failed failed => failed.Failure,
        Outcome.DeadLetter dead => dead.Failure,
        Outcome.Snooze snooze => JobFailures.Snoozed(snooze.Delay),
        _ => JobFailures.NodeLost,
    };
}

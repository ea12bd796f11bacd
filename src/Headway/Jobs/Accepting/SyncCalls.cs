using System.Collections.Concurrent;
using Headway.Audit;
using Headway.Budgets;
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
    Database database, Preparation preparation, HandlerFactory handlers, Pools pools, RunningJobs running, Finished finished, NodeLease lease, Repeats repeats,
    BudgetsInForce budgets, ILogger<SyncCalls> logger)
{
    // How far answers may run ahead of their records; beyond it each waits for its own, so that the disk sets the pace and no memory fills.
    private const int RecordsAhead = 1_000;

    private readonly ConcurrentDictionary<JobId, Task> _unrecorded = new();
    private readonly AttemptRunner _attempts = new(database.Time);
    private readonly PatientWriter _writer = new(database, logger);

    /// <summary>Who asks about a call that was just answered waits for its record: the id in the answer is never unknown.</summary>
    public Task RecordedAsync(JobId id) => _unrecorded.TryGetValue(id, out var written) ? written.ContinueWith(static _ => { }, TaskScheduler.Default) : Task.CompletedTask;

    /// <summary>Who lists waits for all that was answered so far.</summary>
    public Task AllRecordedAsync() => _unrecorded.IsEmpty ? Task.CompletedTask : Task.WhenAll(_unrecorded.Values).ContinueWith(static _ => { }, TaskScheduler.Default);

    public async Task<Answer> AnswerAsync(Call call, CancellationToken callerLeft)
    {
        var arrived = database.Time.GetTimestamp();
        var prepared = await preparation.PrepareAsync(call, withInput: false, callerLeft).ConfigureAwait(false);
        var ahead = call.Feature.Contract.IsSensitive || call.IdempotencyKey is not null || prepared.Job.Reservation is not null;
        if (repeats.Kept(prepared.Job) is { } kept) return await repeats.AnswerAsync(call, kept, callerLeft).ConfigureAwait(false);
        var pool = pools.For(call.Feature);
        if (!await pool.EnterAsync(call.Feature.Timeout, database.Time, callerLeft).ConfigureAwait(false)) return new Answer.Refused(Refusals.PoolFull(pool));
        var ended = Task.CompletedTask;
        try
        {
            if (ahead)
            {
                var accepted = await OpenAsync(prepared).ConfigureAwait(false);
                if (accepted is Acceptance.OverBudget over) return new Answer.Refused(Refusals.OverBudget(over.Refusal, database.Time.GetUtcNow()));
                if (accepted is Acceptance.Repeat repeat) return await repeats.AnswerAsync(call, repeat, callerLeft).ConfigureAwait(false);
            }
            var waited = database.Time.GetElapsedTime(arrived);
            (var answer, ended) = await RunAsync(prepared.Work, prepared.Job, ahead, waited, callerLeft).ConfigureAwait(false);
            return answer;
        }
        finally
        {
            _ = LeaveAsync(pool, ended, arrived);
        }
    }

    private async Task LeaveAsync(Pool pool, Task ended, long arrived)
    {
        await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        pool.Leave(database.Time.GetElapsedTime(arrived));
    }

    private Task<Acceptance> OpenAsync(Prepared prepared) => database.WriteAsync(
        new AcceptJob(prepared.Job, prepared.Work.Version.Contract.IsSensitive ? prepared.Work.Origin.Audit(AuditActions.Opened, node: lease.Node) : null)
        {
            Lease = lease.Number,
            HoldsSlot = true,
        });

    private async Task<(Answer Answer, Task Ended)> RunAsync(Work work, NewJob job, bool ahead, TimeSpan waited, CancellationToken callerLeft)
    {
        var id = work.Origin.Id;
        var started = database.Time.GetUtcNow();
        var until = started + work.Version.Timeout;
        if (work.Deadline < until) until = work.Deadline.Value;
        using var signal = new StopSignal(until - started, database.Time);
        await using var left = callerLeft.Register(() => signal.Stop(StopReason.Abandoned)).ConfigureAwait(false);
        var waits = new AttemptWaits();
        if (ahead) running.Add(id, signal, waits);
        var disclosures = new Disclosures(database, work.Origin, lease.Node, ahead: false);
        try
        {
            var spent = new UsageMeter();
            var attempt = new Attempt
            {
                Spent = spent,
                Waits = waits,
                Budget = budgets.For(id, work.Version.Feature, work.Origin.Tenant, spent),
                Job = id,
                Feature = work.Version,
                Number = 1,
                Tenant = work.Origin.Tenant,
                Input = work.Input,
                Subject = work.Subject,
                Deadline = work.Deadline,
                TraceParent = work.TraceParent,
                Until = until,
                Output = NoOutput.Instance,
                Disclosures = disclosures,
            };
            var (outcome, ended) = await _attempts.RunAsync(handlers.For(work.Version), attempt, signal).ConfigureAwait(false);
            var claimed = new ClaimedJob(new Fence(id, lease.Number, 1), 0, 0, started.ToUnixTimeMilliseconds());
            var facts = new Facts(attempt, disclosures, database, _writer);
            var known = facts.Look();
            var settlement = Settlement.Of(work, claimed, outcome, known.Spent, signal.Reason, database.Time.GetUtcNow(), lease.Node, 0);
            // Cancelled by an operator, or the lease is lost: whoever took the job has written its end.
            if (settlement?.Ending is not { } bare) return (new Answer.Abandoned(), facts.KeepRestAsync(ended));
            var ending = bare with { Calls = facts.CallsOf(known), Audit = [.. bare.Audit.Select(entry => entry with { Recipient = disclosures.Recipients(known.Disclosed) })] };
            var answer = await CloseAsync(work, job, claimed, outcome, ending, ahead, waited).ConfigureAwait(false);
            if (answer is not null) facts.Written(known);
            return (answer ?? new Answer.Abandoned(), facts.KeepRestAsync(ended));
        }
        finally
        {
            if (ahead) running.Remove(id, signal, waits);
        }
    }

    /// <summary>Null: the job was no longer this attempt's, and nothing was written.</summary>
    private async Task<Answer?> CloseAsync(Work work, NewJob job, ClaimedJob claimed, Outcome? outcome, Ending ending, bool ahead, TimeSpan waited)
    {
        if (ahead)
        {
            if (!await database.WriteAsync(new EndJob(claimed.Fence, ending, null, null)).ConfigureAwait(false)) return null;
            finished.Tell(job.Origin.Id);
        }
        else
        {
            var recorded = RecordAsync(job, ending with { Result = null });
            if (database.Backlog > RecordsAhead) await recorded.ConfigureAwait(false);
        }
        var answered = Answers.JobOf(work, job, ending, waited);
        return outcome switch
        {
            Outcome.Done done => new Answer.Done(answered, done.Result),
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

    // The caller has its answer; the record follows in the next group. A disk that refuses it is reported, and refuses new work by itself.
    private async Task RecordAsync(NewJob job, Ending ending)
    {
        var written = database.WriteAsync(new RecordCall(job, ending));
        _unrecorded[job.Origin.Id] = written;
        try
        {
            await written.ConfigureAwait(false);
        }
        catch (StorageException error)
        {
            logger.LogError("{Job} was answered but could not be recorded: {Cure}", job.Origin.Id, error.Message);
        }
        finally
        {
            _unrecorded.TryRemove(job.Origin.Id, out _);
        }
    }
}

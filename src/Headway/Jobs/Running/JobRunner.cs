using Headway.Budgets;
using Headway.Caching;
using Headway.Handlers;
using Headway.Jobs.Storage;
using Headway.Jobs.Waiting;
using Headway.Models.Limits;
using Headway.Payloads;
using Headway.Storage;
using Headway.Streams;
using Microsoft.Extensions.Logging;

namespace Headway.Jobs.Running;

/// <summary>Runs a job this node holds, once, and writes what became of it under the fence.</summary>
internal sealed class JobRunner(
    Database database, HandlerFactory handlers, LiveOutputs outputs, LogFlusher flusher, RunningJobs running, JobNews news, NodeLease lease,
    AttemptEnds ends, SharedWork shared, BudgetsInForce budgets, JobRetries retries, TenantTerms tenants, Random random, ILogger<JobRunner> logger)
{
    private readonly AttemptRunner _attempts = new(database.Time);

    /// <summary>Completes when the job's state is durable; the task it returns completes when the handler has let go of its slot.</summary>
    public async Task<Task> RunAsync(Work work, ClaimedJob claimed)
    {
        var id = work.Origin.Id;
        using var signal = new StopSignal(Until(work, SharedWork.LongestWait(work) + work.Version.Timeout) - database.Time.GetUtcNow(), database.Time);
        var waits = new AttemptWaits(() => outputs.Changed(id));
        running.Add(claimed.Fence, signal, waits);
        news.Changed(id);
        var live = work.IsStream ? outputs.Open(id) : null;
        var output = new AttemptOutput(claimed.Fence.Attempt, () => NewLog(work, claimed.Fence, live ??= outputs.Open(id)), json => KeepProgressAsync(work, claimed.Fence, json));
        var over = true;
        try
        {
            using var turn = await shared.BeginAsync(work, signal.Token).ConfigureAwait(false);
            if (turn.Given is { } given)
            {
                await GiveAsync(work, claimed, given).ConfigureAwait(false);
                return Task.CompletedTask;
            }
            (over, var ended) = await AttemptAsync(work, claimed, turn, signal, waits, output).ConfigureAwait(false);
            return ended;
        }
        finally
        {
            running.Remove(claimed.Fence, signal, waits);
            live?.Release();
            if (over) news.Ended(id, work.Origin.Endpoints);
            else news.Changed(id);
        }
    }

    private DateTimeOffset Until(Work work, TimeSpan limit)
    {
        var until = database.Time.GetUtcNow() + limit;
        return work.Deadline < until ? work.Deadline.Value : until;
    }

    private async Task<(bool Over, Task Ended)> AttemptAsync(Work work, ClaimedJob claimed, Turn turn, StopSignal signal, AttemptWaits waits, AttemptOutput output)
    {
        var until = Until(work, work.Version.Timeout);
        signal.EndAfter(until - database.Time.GetUtcNow());
        if (claimed.Tally.IsEmpty) retries.Earn(work.Version.FullName);
        var disclosures = new Disclosures(database, work.Origin, lease.Node, ahead: work.Version.Contract.IsSensitive && !work.OneShot);
        var spent = new UsageMeter();
        var attempt = new Attempt
        {
            Spent = spent,
            Waits = waits,
            Budget = budgets.For(work.Origin.Id, work.Version.Feature, work.Origin.Tenant, spent),
            Job = work.Origin.Id,
            Feature = work.Version,
            Number = claimed.Fence.Attempt,
            HasPast = claimed.Fence.Attempt > 1 || work.Origin.RerunOf is not null,
            Lease = claimed.Fence.Lease,
            Crashes = claimed.Crashes,
            Started = claimed.Started,
            Tenant = work.Origin.Tenant,
            Actor = work.Origin.Actor,
            Input = work.Input,
            Subject = work.Subject,
            Deadline = work.Deadline,
            TraceParent = work.TraceParent,
            Until = until,
            FirstModel = RetryPolicy.FirstModel(work.Version.Retry, claimed.Tally),
            Output = output,
            Disclosures = disclosures,
        };
        var (outcome, ended) = await _attempts.RunAsync(handlers.For(work.Version), attempt, signal).ConfigureAwait(false);
        var facts = new Facts(attempt, disclosures, database, ends);
        var over = await SettleAsync(work, claimed, outcome, turn, signal.Reason, output, disclosures, facts).ConfigureAwait(false);
        return (over, ended.IsCompleted ? ended : facts.KeepRestAsync(ended));
    }

    /// <summary>Ends a job with an answer that was made for another, under its own fence.</summary>
    private async Task GiveAsync(Work work, ClaimedJob claimed, GivenAnswer given)
    {
        var ending = Endings.GivenAgain(work, given, database.Now, lease.Node) with { Attempt = claimed.Fence.Attempt, Failures = claimed.Failures, Started = claimed.Started, Parent = tenants.ParentOf(work.Origin) };
        await ends.WriteAsync(work.Origin.Id, () => new EndJob(claimed.Fence, ending, null, [])).ConfigureAwait(false);
        logger.LogDebug("{Job} attempt {Attempt}: given the answer of {Other}", work.Origin.Id, claimed.Fence.Attempt, given.Job);
    }

    private OutputLog NewLog(Work work, Fence fence, LiveOutput live) => new(
        live, fence.Attempt,
        (first, bytes) => work.Key.Seal(PayloadKind.Stream, fence.Job, bytes.Span, first),
        row => KeepOutputAsync(fence, row),
        flusher);

    private async Task<bool> KeepOutputAsync(Fence fence, LogRow row)
    {
        var kept = await database.WriteAsync(new AppendOutput(fence, row)).ConfigureAwait(false);
        if (kept) news.Logged(fence.Job);
        return kept;
    }

    private async Task KeepProgressAsync(Work work, Fence fence, byte[] json)
    {
        if (!work.OneShot) await database.WriteAsync(new SetProgress(fence, work.Key.Seal(PayloadKind.Stream, fence.Job, json))).ConfigureAwait(false);
    }

    /// <summary>True: the job has ended, by this attempt or because it was no longer this attempt's.</summary>
    private async Task<bool> SettleAsync(Work work, ClaimedJob claimed, Outcome? outcome, Turn turn, StopReason reason, AttemptOutput output, Disclosures disclosures, Facts facts)
    {
        IReadOnlyList<LogRow> tail = output.Close() is { } log ? await log.TakeTailAsync().ConfigureAwait(false) : [];
        var known = facts.Look();
        var settlement = Settlement.Of(shared.Kept(work, turn), claimed, outcome, known.Spent, reason, database.Time.GetUtcNow(), lease.Node, random.NextDouble(), () => retries.TrySpend(work.Version.FullName));
        if (settlement is not null && await ends.WriteAsync(work.Origin.Id, () => WriteOf(work, claimed, settlement, known, facts.CallsOf(known), output, disclosures, tail)).ConfigureAwait(false))
        {
            facts.Written(known);
            if (outcome is Outcome.Done done && settlement.Ending?.Keep is { } kept) turn.Made = new GivenAnswer(done.Result.Body, kept.MediaType, kept.Model, kept.Pieces, kept.Job, kept.Created, kept.Expires);
            logger.LogDebug("{Job} attempt {Attempt}: {Outcome}", work.Origin.Id, claimed.Fence.Attempt, settlement.Word);
            // Handed back: whoever has a free slot may go on with it.
            if (settlement.Again is { Due: null } || settlement.Wait is not null || work.Origin.Parent is not null) news.Queued();
            return settlement.Ending is not null;
        }
        await facts.KeepRestAsync().ConfigureAwait(false);
        return settlement is not { Ending: null };
    }

    private Write<bool> WriteOf(
        Work work, ClaimedJob claimed, Settlement settlement, Facts.Known known, CallsOfAttempt calls, AttemptOutput output, Disclosures disclosures, IReadOnlyList<LogRow> tail)
    {
        if (settlement.Wait is { } wait) return new SuspendJob(claimed.Fence, wait, settlement.Attempt!, calls, disclosures.Events(0, known.Disclosed), tail, tenants.WeightOf);
        if (settlement.Ending is not { } ending) return new RetryJob(claimed.Fence, settlement.Again!, settlement.Attempt!, calls, disclosures.Events(0, known.Disclosed), tail);
        var complete = ending with
        {
            Calls = calls,
            Parent = tenants.ParentOf(work.Origin),
            Keep = ending.Keep is { } keep ? keep with { Pieces = work.IsStream ? output.PiecesOf(ending.ResultType) : AnswerPieces.Whole } : null,
            LastEvent = output.Log?.Last,
            Shown = output.Shown && output.Log is not { IsLost: true },
            // Sync and stream say it in their one event.
            Audit = work.OneShot
                ? [.. ending.Audit.Select(entry => entry with { Recipient = disclosures.Recipients(known.Disclosed) })]
                : [.. ending.Audit, .. disclosures.Events(0, known.Disclosed)],
        };
        return new EndJob(claimed.Fence, complete, settlement.Attempt, tail);
    }
}

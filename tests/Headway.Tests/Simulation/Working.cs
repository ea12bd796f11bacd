using System.Globalization;
using Headway.Audit;
using Headway.Budgets;
using Headway.Jobs;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Tests.Simulation;

/// <summary>What a node writes about an attempt that it takes for its own.</summary>
internal abstract class OfAttempt(Actor node, ClaimedJob claimed, int number, Place place, long cost, string what) : Operation<bool>(string.Create(CultureInfo.InvariantCulture, $"{node.Name} {what} {number}, attempt {claimed.Fence.Attempt}"))
{
    protected Actor Node => node;
    protected ClaimedJob Claimed => claimed;
    protected Place Place => place;
    protected long Spent => cost;

    protected override void Learn(bool verdict) => node.IsDoneWith(claimed.Fence);

    /// <summary>Pull workers say so by other requests, and tell with them what was spent.</summary>
    protected Write<bool> Of(Write<bool> write) => place.Wanted is null ? write : new EndForWorker(claimed.Fence, _ => write) { Told = cost == 0 ? null : new ToldByWorker(place.Limits, cost) };

    protected FailedAttempt Attempted(string outcome, SealedFailure? failure, long cost, long now) => new(claimed.Fence.Job, claimed.Fence.Attempt, claimed.Started, now, outcome, node.Name, null, failure, Cost(cost));

    protected static Usage Cost(long nano) => new(1, 1, Money.ToUsd(nano));

    protected static SealedFailure Failure(string code) => new(code, FailureKind.Bug, code, null);

    protected override string? Explain(Model model, bool verdict)
    {
        var job = model.HeldBy(claimed.Fence);
        if (job is not null && place.Wanted is not null && cost > 0) model.TellSpent(job, claimed.Fence.Attempt, cost);
        if (job is not null) Change(model, job);
        return Only(job is not null, verdict);
    }

    /// <summary>The fence holds.</summary>
    protected abstract void Change(Model model, ModelJob job);
}

/// <summary>Ends a job: well, as a dead letter, or as a call that failed.</summary>
internal sealed class Ends(Actor node, ClaimedJob claimed, ModelJob job, Place place, bool well, long cost, long now) : OfAttempt(node, claimed, job.Number, place, cost, well ? $"ends ({cost})" : $"fails at last ({cost})")
{
    private readonly JobState _state = well ? JobState.Succeeded : job.IsOneShot ? JobState.Failed : JobState.Dead;
    private readonly string _tenant = job.Tenant;

    private string What => (_state, job.IsOneShot) switch
    {
        (JobState.Succeeded, false) => AuditActions.Completed,
        (JobState.Succeeded, true) => AuditActions.Served,
        (JobState.Dead, _) => AuditActions.Died,
        _ => AuditActions.Failed,
    };

    protected override Write<bool> Write()
    {
        var failure = well ? null : Failure("broken");
        return Of(new EndJob(Claimed.Fence, new Ending
        {
            State = _state,
            Finished = now,
            Attempt = Claimed.Fence.Attempt,
            Failures = Claimed.Failures,
            Started = Claimed.Started,
            Result = well ? [9] : null,
            Failure = failure,
            Usage = Cost(Spent),
            Node = Node.Name,
            Prune = now + ((_state is JobState.Dead ? 3 : 1) * Model.Hour),
            Audit = [Spec.Origin(Claimed.Fence.Job, _tenant, Place).Audit(What, well ? "succeeded" : "broken", Node.Name)],
        }, well ? null : Attempted("failed", failure, 0, now), []));
    }

    protected override void Change(Model model, ModelJob held)
    {
        if (!well) held.Attempts.Add($"{held.Tries} failed");
        held.HasResult = well;
        held.Nano += Spent;
        model.Settle(held, Spent);
        model.Finish(held, _state, now, Claimed.Started, What, well ? null : "broken", well ? "succeeded" : "broken");
    }
}

/// <summary>Puts a job back: after a failure, because it cannot begin yet, or handed back.</summary>
internal sealed class PutsBack(Actor node, ClaimedJob claimed, ModelJob job, Place place, string outcome, long? after, long cost, long now) : OfAttempt(node, claimed, job.Number, place, cost, $"puts back ({outcome}, {cost})")
{
    private readonly string? _why = outcome switch { "failed" => "backoff", "snoozed" => "snooze", _ => null };
    private readonly int _failures = claimed.Failures + (outcome == "failed" ? 1 : 0);

    protected override Write<bool> Write() => Of(new RetryJob(Claimed.Fence, new Rescheduling(now + after, _why, _failures, Claimed.Crashes), Attempted(outcome, null, Spent, now), CallsOfAttempt.None, [], []));

    protected override void Change(Model model, ModelJob held)
    {
        held.Attempts.Add($"{held.Tries} {outcome}");
        (held.State, held.Due, held.Why, held.Lease, held.Failed) = (after is null ? JobState.Queued : JobState.Scheduled, now + after, _why, null, _failures);
        (held.Attempt, held.Started, held.Nano) = (held.Tries, held.Started ?? Claimed.Started, held.Nano + Spent);
        model.ComeBacks++;
        model.Spend(held, Spent);
    }
}

/// <summary>Tells what an attempt spent and disclosed, whoever has the job by now.</summary>
internal sealed class Tells(Actor node, ClaimedJob claimed, string tenant, Place place, long cost, long now) : Operation<bool>($"{node.Name} tells that an attempt of {Model.Name(claimed.Fence.Job)} cost {cost}")
{
    protected override Write<bool> Write() => new RecordFacts(claimed.Fence.Job, new Usage(1, 1, Money.ToUsd(cost)), CallsOfAttempt.None with { Attempt = claimed.Fence.Attempt }, [Spec.Origin(claimed.Fence.Job, tenant, place).Audit(AuditActions.Disclosed, recipient: "model")], now)
    {
        Told = place.Wanted is null ? null : new ToldByWorker(place.Limits, cost),
    };

    protected override string? Explain(Model model, bool verdict)
    {
        // What a worker tells it may tell twice.
        if (place.Wanted is not null && (model.Jobs.GetValueOrDefault(claimed.Fence.Job) is not { } told || !model.TellSpent(told, claimed.Fence.Attempt, cost))) return Only(false, verdict);
        if (model.Find(claimed.Fence.Job) is { } job)
        {
            job.Nano += cost;
            if (job.IsUnderWay) model.Spend(job, cost);
            else model.Settle(job, cost);
            model.DropGone();
        }
        model.Tell(claimed.Fence.Job, "disclosed");
        return Only(true, verdict);
    }
}

/// <summary>Takes an attempt back that cannot be run: it counts as a crash.</summary>
internal sealed class TakesBack(Actor node, ClaimedJob claimed, long now) : Operation<Rescued>($"{node.Name} takes back {Model.Name(claimed.Fence.Job)}, attempt {claimed.Fence.Attempt}")
{
    protected override Write<Rescued> Write() => new RescueLease(claimed.Fence.Lease, claimed.Fence.Job, 1, node.Name, now) { Attempt = claimed.Fence.Attempt };

    public override bool IsAlone => true;

    protected override void Learn(Rescued verdict) => node.IsDoneWith(claimed.Fence);

    protected override string? Explain(Model model, Rescued verdict)
    {
        if (verdict.Bad.Count > 0) return $"{this}: {verdict.Bad[0].Reason}";
        var (job, lastTries) = (model.HeldBy(claimed.Fence), 0);
        if (job is not null) model.Crash(job, now, ref lastTries);
        return verdict.Jobs.Count == (job is null ? 0 : 1) ? null : $"{this} said {verdict.Jobs.Count} jobs";
    }
}

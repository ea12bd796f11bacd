using Headway.Audit;
using Headway.Jobs;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Tests.Simulation;

/// <summary>A caller cancels a job.</summary>
internal sealed class Cancels(ModelJob job, Place place, long now) : Operation<Cancelled>($"cancel {job.Number}")
{
    private readonly (JobId Id, string Tenant) _job = (job.Id, job.Tenant);

    protected override Write<Cancelled> Write() => new CancelJob(_job.Id, _job.Tenant, Spec.Weight(_job.Tenant), (attempt, failures, started) => new Ending
    {
        State = JobState.Cancelled,
        Finished = now,
        Attempt = attempt,
        Failures = failures,
        Started = started,
        Failure = new SealedFailure("cancelled", FailureKind.Permanent, "cancelled", null),
        Prune = now + Model.Hour,
        Audit = [Spec.Origin(_job.Id, _job.Tenant, place).Audit(AuditActions.Cancelled)],
    });

    protected override string? Explain(Model model, Cancelled verdict)
    {
        if (model.Jobs.GetValueOrDefault(_job.Id) is not { IsUnderWay: true } held) return Only(Cancelled.Over, verdict);
        if (held.State is JobState.Queued) model.Charge(held, -1);
        // What a running attempt spends is told when it has stopped.
        if (held.State is not JobState.Running) model.Settle(held, 0);
        model.Finish(held, JobState.Cancelled, now, held.Since, "cancelled", "cancelled", null);
        return Only(Cancelled.Ended, verdict);
    }
}

/// <summary>Somebody replays a dead letter, perhaps with another input.</summary>
internal sealed class Replays(ModelJob job, Place place, bool anew, long now) : Operation<bool>($"replay {job.Number}{(anew ? " with another input" : "")}")
{
    private readonly (JobId Id, string Tenant, string? Gate) _job = (job.Id, job.Tenant, job.Tenant == "limited" ? job.Tenant : null);

    protected override Write<bool> Write() =>
        new ReplayJob(new Replay(_job.Id, _job.Tenant, place.Pool, null, anew ? [7] : null, _job.Gate, Spec.Weight(_job.Tenant), Spec.Origin(_job.Id, _job.Tenant, place).Audit(AuditActions.Replayed)), now);

    protected override string? Explain(Model model, bool verdict)
    {
        if (model.Jobs.GetValueOrDefault(_job.Id) is not { State: JobState.Dead, HasInput: true } dead) return Only(false, verdict);
        if (anew) dead.FormerInputs++;
        (dead.State, dead.Finished, dead.Deadline, dead.Code, dead.Prune, dead.Tries, dead.Gate) = (JobState.Queued, null, null, null, null, dead.Attempt, _job.Gate);
        model.ComeBacks++;
        model.Charge(dead, 1);
        model.Tell(dead.Id, "replayed");
        return Only(true, verdict);
    }
}

/// <summary>A node renews its lease, or learns that it is lost.</summary>
internal sealed class Renews(Actor node, long lease, long expires) : Operation<bool>($"{node.Name} renews its lease")
{
    protected override Write<bool> Write() => new RenewLease(lease, expires);

    protected override void Learn(bool verdict)
    {
        if (!verdict && node.Lease == lease) node.Lease = null;
    }

    protected override string? Explain(Model model, bool verdict)
    {
        var holds = model.HoldsLease(lease);
        if (holds) model.Leases[lease] = expires;
        return Only(holds, verdict);
    }
}

/// <summary>A node comes, or begins anew after its lease was lost.</summary>
internal sealed class Wakes(Actor node, long now) : Operation<long>($"{node.Name} takes a lease")
{
    protected override Write<long> Write() => new TakeLease(node.Name, ++node.Epoch, now + 30_000, "1", now);

    protected override void Learn(long verdict) => node.Lease = verdict;

    protected override string? Explain(Model model, long verdict) => model.Leases.TryAdd(verdict, now + 30_000) ? null : $"{this}: {verdict} is another's";
}

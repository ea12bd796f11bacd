using Headway.Jobs;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Tests.Simulation;

/// <summary>Takes back what a lease holds.</summary>
/// <param name="before">Only if it ran out before this.</param>
internal sealed class Rescues(Actor node, long lease, string whose, int most, long before, long now, bool pull) : Operation<Rescued>($"{node.Name} rescues from {whose}{(before == long.MaxValue ? ", which is dead for certain" : "")}")
{
    public override bool IsAlone => true;

    protected override Write<Rescued> Write() => new RescueLease(lease, null, most, node.Name, now) { ExpiredBefore = before, IsWorkers = pull };

    protected override string? Explain(Model model, Rescued verdict)
    {
        if (verdict.Bad.Count > 0) return $"{this}: {verdict.Bad[0].Reason}";
        var held = model.UnderWay.Where(job => job.State is JobState.Running && job.Lease == lease).ToList();
        var bound = Tests.Storage.TestDatabase.IsPostgres ? Math.Min(before, model.Now) : before;
        if (before != long.MaxValue && model.Leases.TryGetValue(lease, out var until) && until >= bound) held = [];
        else if (held.Count < most) model.Leases.Remove(lease);
        if (verdict.Jobs.Count != Math.Min(held.Count, most)) return $"{this}: {verdict.Jobs.Count} jobs and not {Math.Min(held.Count, most)}";
        var (lastTries, ended) = (0, 0);
        foreach (var id in verdict.Jobs)
        {
            if (held.FirstOrDefault(job => job.Id == id) is not { } job) return $"{this} took {model.NumberOf(id)}, which that lease does not hold";
            model.Crash(job, now, ref lastTries);
            if (!job.IsUnderWay) ended++;
        }
        return (verdict.Requeued, verdict.Ended, verdict.More) == (held.Take(most).Count() - ended, ended, held.Count >= most && most > 0 && held.Count > 0) ? null : $"{this} said {verdict}";
    }
}

/// <summary>Makes claimable what is due.</summary>
internal sealed class Promotes(long now) : Operation<IReadOnlyList<long>>("what is due is queued")
{
    public override bool IsAlone => true;

    protected override Write<IReadOnlyList<long>> Write() => new PromoteDue(now, 100, Spec.Weight);

    protected override string? Explain(Model model, IReadOnlyList<long> verdict)
    {
        var due = model.UnderWay.Where(job => job.State is JobState.Scheduled && job.Due <= now).ToList();
        foreach (var job in due)
        {
            (job.State, job.Due, job.Why, job.Rank) = (JobState.Queued, null, null, null);
            model.Charge(job, 1);
        }
        return verdict.Count == due.Count ? null : $"{this}: {verdict.Count} and not {due.Count}";
    }
}

/// <summary>Ends what is past its deadline and does not run.</summary>
internal sealed class Expires(long now) : Operation<Expired>("what is past its deadline ends")
{
    public override bool IsAlone => true;

    protected override Write<Expired> Write() => new ExpireJobs(now, 100, Spec.Weight);

    protected override string? Explain(Model model, Expired verdict)
    {
        if (verdict.Bad.Count > 0) return $"{this}: {verdict.Bad[0].Reason}";
        var late = model.UnderWay.Where(job => job.Waits && job.QueueDeadline <= now).ToList();
        foreach (var job in late)
        {
            if (job.State is JobState.Queued) model.Charge(job, -1);
            model.Settle(job, 0);
            model.Finish(job, JobState.Dead, now, job.Since, "died", "expired", "expired");
        }
        return verdict.Jobs.Order().SequenceEqual(late.Select(job => job.Id)) ? null : $"{this}: {verdict.Jobs.Count} and not {late.Count}";
    }
}

/// <summary>Takes away what retention says.</summary>
internal sealed class Prunes(long now) : Operation<Pruned>("retention takes what it says")
{
    public override bool IsAlone => true;

    protected override Write<Pruned> Write() => new PruneHistory(now, 100);

    protected override string? Explain(Model model, Pruned verdict)
    {
        if (verdict.Bad.Count > 0) return $"{this}: {verdict.Bad[0].Reason}";
        var (records, payloads) = (0, 0);
        foreach (var job in model.Jobs.Values.Where(job => job.Prune <= now).ToList())
        {
            var ends = job.State is JobState.Dead ? now : job.Finished!.Value + (2 * Model.Hour);
            (job.HasInput, job.HasResult, job.FormerInputs, job.Prune) = (false, false, 0, ends);
            if (ends > now)
            {
                payloads++;
                continue;
            }
            records++;
            model.Forget(job);
        }
        var keys = model.Keys.Where(key => key.Value.Expires < now).Select(key => key.Key).ToList();
        foreach (var key in keys) model.Keys.Remove(key);
        return (verdict.Records, verdict.Payloads, verdict.Keys) == (records, payloads, keys.Count) ? null : $"{this} said {verdict} and not {records} records, {payloads} payloads, {keys.Count} keys";
    }
}

/// <summary>Nobody has limits any more.</summary>
internal sealed class Opens : Operation<IReadOnlyList<long>>
{
    public Opens() : base("the gates are opened")
    {
    }

    public override bool IsAlone => true;

    protected override Write<IReadOnlyList<long>> Write() => new OpenGates(100, _ => 1);

    protected override string? Explain(Model model, IReadOnlyList<long> verdict)
    {
        var shut = model.UnderWay.Where(job => job.Gate is not null).ToList();
        foreach (var job in shut)
        {
            job.Gate = null;
            if (job.State is not JobState.Queued) continue;
            job.Rank = null;
            model.GivenNewTurns.Add(job.Tenant);
        }
        return verdict.Count == shut.Count ? null : $"{this}: {verdict.Count} and not {shut.Count}";
    }
}

/// <summary>What is still held for jobs whose attempts never told what they spent counts as spent.</summary>
internal sealed class Settles(long endedBefore, long now) : Operation<int>("what nobody told of is settled")
{
    public override bool IsAlone => true;

    protected override Write<int> Write() => new SettleUnknown(endedBefore, 100, now);

    protected override string? Explain(Model model, int verdict)
    {
        var owners = model.Owners.Where(job => !job.IsUnderWay && (!model.Jobs.ContainsKey(job.Id) || job.Finished < endedBefore)).ToList();
        foreach (var job in owners)
        {
            model.SpendUnknown(job);
            model.Settle(job, 0);
        }
        model.DropGone();
        return Only(owners.Count, verdict);
    }
}

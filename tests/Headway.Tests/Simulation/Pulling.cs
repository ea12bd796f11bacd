using Headway.Audit;
using Headway.Jobs;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Tests.Simulation;

/// <summary>A pull worker signs on, or renews its lease.</summary>
internal sealed class SignsOn(Actor worker, long? lease, Place place, long now) : Operation<long?>($"{worker.Name} {(lease is null ? "signs on" : "renews its session")}")
{
    private readonly long _expires = now + 30_000;

    protected override Write<long?> Write() => new SignOn(worker.Name, lease, _expires, [place.Wanted!], now);

    protected override void Learn(long? verdict) => worker.Lease = verdict;

    protected override string? Explain(Model model, long? verdict)
    {
        if (lease is null && verdict is { } given) return model.Leases.TryAdd(given, _expires) ? null : $"{this}: {given} is another's";
        // One that is new, and given an end that has passed by the database's time, is lost at once.
        if (lease is null) return Tests.Storage.TestDatabase.IsPostgres && _expires <= model.Now ? null : $"{this} was refused";
        var holds = model.HoldsLease(lease.Value);
        if (holds) model.Leases[lease.Value] = _expires;
        return Only(holds ? lease : null, verdict);
    }
}

/// <summary>A pull worker ends its session, if nothing is held under it.</summary>
internal sealed class SignsOff(Actor worker, long lease) : Operation<bool>($"{worker.Name} signs off")
{
    protected override Write<bool> Write() => new EndSession(lease);

    protected override void Learn(bool verdict) => worker.Lease = verdict ? null : worker.Lease;

    protected override string? Explain(Model model, bool verdict)
    {
        var holds = model.Leases.ContainsKey(lease) && model.UnderWay.Any(job => job.State is JobState.Running && job.Lease == lease);
        if (!holds) model.Leases.Remove(lease);
        return Only(!holds, verdict);
    }
}

/// <summary>A pull worker claims.</summary>
/// <param name="tenant">Whose jobs alone; null: those of all.</param>
internal sealed class Pulling(Actor worker, long lease, Place place, Terms terms, int most, long now, bool counts, string? tenant)
    : Operation<IReadOnlyList<ClaimedJob>?>($"{worker.Name} pulls {most}{(tenant is null ? "" : $" of {tenant}")}{(counts ? " under limits" : "")}")
{
    protected override Write<IReadOnlyList<ClaimedJob>?> Write() => new ClaimForWorker(worker.Name, lease, [place.Wanted!], most, now)
    {
        RunningLimit = counts ? asked => asked == "limited" ? terms.Running : null : null,
        Tenant = tenant,
        Weight = Spec.Weight,
    };

    protected override void Learn(IReadOnlyList<ClaimedJob>? verdict)
    {
        if (verdict is null && worker.Lease == lease) worker.Lease = null;
        else worker.Holds.AddRange(verdict ?? []);
    }

    protected override string? Explain(Model model, IReadOnlyList<ClaimedJob>? verdict)
    {
        if (verdict is null || !model.HoldsLease(lease)) return verdict is null && !model.HoldsLease(lease) ? null : $"{this} said {(verdict is null ? "that its lease is lost" : $"{verdict.Count} jobs")}";
        var wrong = ClaimRule.Explain(model, terms, lease, Math.Min(most, place.Wanted!.Concurrency - model.Running), now, counts, verdict, tenant);
        if (wrong is not null) return $"{this} {wrong}";
        foreach (var claimed in verdict) model.Jobs[claimed.Fence.Job].Until = now + place.Wanted!.Milliseconds;
        return null;
    }
}

/// <summary>What a pull worker holds is shown to it.</summary>
internal sealed class HandsOut(Actor worker, IReadOnlyList<(ClaimedJob Claimed, string Tenant)> jobs, Place place, long now) : Operation<IReadOnlyList<bool>>($"{worker.Name} is shown {jobs.Count}")
{
    protected override Write<IReadOnlyList<bool>> Write() =>
        new HandOut([.. jobs.Select(job => new HandedJob(job.Claimed.Fence, now + 10_000, Spec.Origin(job.Claimed.Fence.Job, job.Tenant, place).Audit(AuditActions.Disclosed, node: worker.Name)))], now);

    protected override string? Explain(Model model, IReadOnlyList<bool> verdict)
    {
        for (var i = 0; i < jobs.Count; i++)
        {
            var held = model.HeldBy(jobs[i].Claimed.Fence);
            if (held is not null != verdict[i]) return $"{this}: {model.NumberOf(jobs[i].Claimed.Fence.Job)} said {verdict[i]}";
            if (held is null) continue;
            held.Until = now + 10_000;
            model.Tell(held.Id, "disclosed");
        }
        return null;
    }
}

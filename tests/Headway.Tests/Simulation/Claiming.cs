using Headway.Features;
using Headway.Jobs;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Tests.Simulation;

/// <summary>A node claims what comes next.</summary>
/// <param name="counts">Whether the tenants with limits are served as well.</param>
internal sealed class Claiming(Actor node, long lease, Place place, Terms terms, int most, long now, bool counts)
    : Operation<IReadOnlyList<ClaimedJob>>($"{node.Name} claims {most}{(counts ? " under limits" : "")}")
{
    protected override Write<IReadOnlyList<ClaimedJob>> Write() => new ClaimJobs(place.Pool, lease, node.Name, DataClass.Internal, most, now)
    {
        Cluster = terms.Cluster,
        RunningLimit = counts ? LimitOf : null,
        Weight = Spec.Weight,
    };

    private int? LimitOf(string tenant) => tenant == "limited" ? terms.Running : null;

    protected override void Learn(IReadOnlyList<ClaimedJob> verdict) => node.Holds.AddRange(verdict);

    protected override string? Explain(Model model, IReadOnlyList<ClaimedJob> verdict)
    {
        var room = terms.Cluster is { } cluster ? Math.Min(most, cluster - model.Running) : most;
        return ClaimRule.Explain(model, terms, lease, room, now, counts, verdict) is { } wrong ? $"{this} {wrong}" : null;
    }
}

/// <summary>What may be claimed.</summary>
internal static class ClaimRule
{
    /// <param name="tenant">Whose alone; null: of all.</param>
    public static string? Explain(Model model, Terms terms, long lease, int room, long now, bool counts, IReadOnlyList<ClaimedJob> verdict, string? tenant = null)
    {
        var queued = model.UnderWay.Where(job => job.State is JobState.Queued && (tenant is null || job.Tenant == tenant)).ToList();
        if (!model.IsAlive(lease, now)) room = 0;
        var free = counts ? Math.Min(room, terms.Running - model.UnderWay.Count(job => job.State is JobState.Running && job.Gate is not null)) : 0;
        var open = queued.Where(job => job.Gate is null).ToList();
        var behind = queued.Where(job => job.Gate is not null).ToList();
        var expected = Math.Clamp(Math.Min(open.Count, room) + Math.Clamp(free, 0, behind.Count), 0, Math.Max(room, 0));
        if (verdict.Count != expected) return $"got {verdict.Count} and not {expected}";
        var taken = new HashSet<JobId>(verdict.Select(claimed => claimed.Fence.Job));
        if (behind.Count(job => taken.Contains(job.Id)) is var gated && gated > Math.Max(free, 0)) return $"got {gated} of a tenant that may have {free}";
        if ((Passed(open, taken) ?? Passed(behind, taken)) is { } passed) return $"passed {passed.Number}, whose turn it was";
        foreach (var claimed in verdict)
        {
            if (queued.FirstOrDefault(job => job.Id == claimed.Fence.Job) is not { } job) return $"got {model.NumberOf(claimed.Fence.Job)}, which nobody may claim";
            if (claimed.Fence != new Fence(job.Id, lease, job.Tries + 1) || (claimed.Failures, claimed.Crashes) != (job.Failed, job.Crashes)) return $"got {claimed}, and it is {job.Place}";
            (job.State, job.Lease, job.Tries, job.Since) = (JobState.Running, lease, job.Tries + 1, now);
            model.Tell(job.Id, "started");
        }
        return null;
    }

    /// <summary>One that waits though its rank is before that of one that was claimed.</summary>
    private static ModelJob? Passed(List<ModelJob> queued, HashSet<JobId> taken)
    {
        var last = queued.Where(job => taken.Contains(job.Id) && job.Rank is not null).Select(job => (job.Rank!.Value, job.Id)).DefaultIfEmpty((long.MinValue, default)).Max();
        return queued.FirstOrDefault(job => !taken.Contains(job.Id) && job.Rank is { } rank && (rank, job.Id).CompareTo(last) < 0);
    }
}

/// <summary>A node gives back what the database says it holds, and it knows nothing of.</summary>
internal sealed class Matching(Actor node, IReadOnlyList<ClaimedJob> unknown, long now) : Operation<int>($"{node.Name} gives back {unknown.Count} it knows nothing of")
{
    protected override Write<int> Write() => new ReturnJobs(unknown, node.Name, now);

    protected override string? Explain(Model model, int verdict)
    {
        var returned = 0;
        foreach (var claimed in unknown)
        {
            if (model.HeldBy(claimed.Fence) is not { } job) continue;
            returned++;
            model.ComeBacks++;
            job.Attempts.Add($"{job.Tries} handed-back");
            (job.State, job.Lease, job.Attempt, job.Started) = (JobState.Queued, null, job.Tries, job.Started ?? claimed.Started);
        }
        return Only(returned, verdict);
    }
}

using Headway.Audit;
using Headway.Features;
using Headway.Jobs;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Tests.Simulation;

/// <summary>A call comes to a node, which claims it at once if it may.</summary>
internal sealed class Accepting(Spec spec, Func<JobId> draw, long now, Actor node, Place place, QueueRoom? room, Terms terms, bool claims) : Operation<Acceptance>($"{node.Name} accepts {spec}{(claims ? ", claimed at once if it may" : "")}")
{
    private readonly JobId _id = draw();
    private readonly long? _lease = claims || spec.Mode is Mode.Stream ? node.Lease : null;

    public override int Wants => 1;

    public override Operation Again() => new Accepting(spec, draw, now, node, place, room, terms, claims);

    protected override Write<Acceptance> Write()
    {
        var job = spec.Job(_id, now, place);
        return new AcceptJob(job, job.Origin.Audit(AuditActions.Submitted))
        {
            Lease = _lease,
            HoldsSlot = spec.Mode is Mode.Stream,
            Started = spec.Mode is Mode.Stream ? null : job.Origin.Audit(AuditActions.Started, node: node.Name),
            Room = room,
            QueuedLimit = terms.Room ?? 0,
        };
    }

    protected override void Learn(Acceptance verdict)
    {
        if (verdict is Acceptance.Accepted { Claimed: true }) node.Holds.Add(new ClaimedJob(new Fence(_id, _lease!.Value, 1), 0, 0, now));
    }

    protected override string? Explain(Model model, Acceptance verdict) => AcceptanceRule.Explain(model, spec, _id, now, _lease, verdict, taken: 0) is { } wrong ? $"{this}: {wrong}" : null;
}

/// <summary>Many calls come in one request.</summary>
internal sealed class AcceptingMany(IReadOnlyList<Spec> specs, Func<JobId> draw, long now, Actor node, Place place, QueueRoom? room, Terms terms)
    : Operation<IReadOnlyList<Acceptance>>($"{node.Name} accepts [{string.Join("; ", specs)}]")
{
    private readonly JobId[] _ids = [.. specs.Select(_ => draw())];

    public override int Wants => specs.Count;

    public override Operation Again() => new AcceptingMany(specs, draw, now, node, place, room, terms);

    protected override Write<IReadOnlyList<Acceptance>> Write() => new AcceptJobs([.. specs.Select((spec, i) => spec.Job(_ids[i], now, place))]) { Room = room ?? new QueueRoom(), QueuedLimit = terms.Room ?? 1_000_000 };

    protected override string? Explain(Model model, IReadOnlyList<Acceptance> verdicts)
    {
        for (var i = 0; i < specs.Count; i++)
        {
            // A line with the key of one before it shares the verdict of that one.
            var first = Enumerable.Range(0, i).FirstOrDefault(n => specs[n].Key is not null && (specs[n].Tenant, specs[n].Key) == (specs[i].Tenant, specs[i].Key), -1);
            if (first >= 0 && verdicts[first] is Acceptance.Full or Acceptance.OverBudget)
            {
                if (verdicts[i].GetType() != verdicts[first].GetType()) return $"{this}: line {i + 1} said {verdicts[i]}, and line {first + 1} with its key {verdicts[first]}";
            }
            else if (AcceptanceRule.Explain(model, specs[i], _ids[i], now, null, verdicts[i], taken: i) is { } wrong) return $"{this}: line {i + 1}: {wrong}";
        }
        return null;
    }
}

/// <summary>What may become of a call at the door.</summary>
internal static class AcceptanceRule
{
    /// <param name="taken">How many lines of the same request stood before it.</param>
    public static string? Explain(Model model, Spec spec, JobId id, long now, long? lease, Acceptance verdict, int taken)
    {
        if (spec.Key is { } key && Kept(model, spec.Tenant, key, now) is { } kept) return Is(verdict, new Acceptance.Repeat(kept.Job, kept.Fingerprint == spec.Fingerprint));
        if (Given(model, spec, now) is { } given)
        {
            TakeKey(model, spec, given, now);
            return Is(verdict, new Acceptance.Repeat(given, Same: true));
        }
        if (spec.IsDebounced && model.UnderWay.FirstOrDefault(job => job.Hold == spec.Hold) is { } holder)
        {
            if (holder is { Waits: true, Tries: 0 }) return Replace(model, holder, spec, now, verdict);
            (holder.Hold, holder.HoldUntil) = (null, null);
        }
        var claimed = verdict is Acceptance.Accepted { Claimed: true };
        if (verdict is Acceptance.Full) return model.Terms.Room is { } most && model.Waiting + taken + model.WantedBeside >= most && (lease is null || MustWait(model)) ? null : $"it was refused with {model.Waiting} waiting";
        if (spec.Nano is { } nano && !model.HasRoomFor(nano)) return verdict is Acceptance.OverBudget ? null : $"it said {verdict}, and the budget has no room";
        if (verdict is not Acceptance.Accepted) return $"it said {verdict} and nothing stands in its way";
        if (claimed && lease is null) return "it was claimed for nobody";
        if (claimed && spec.Mode is not Mode.Stream && model.UnderWay.Any(job => job.State is JobState.Queued && job.Gate is not null)) return "it passed one of a tenant with limits";
        if (!claimed && model.Terms.Room is { } room && model.Waiting >= room + model.ComeBacks) return $"it was accepted with {model.Waiting} waiting";
        if (!claimed && lease is not null && !MustWait(model)) return "it waits, and nobody waits before it";
        Add(model, spec, id, now, claimed ? lease : null);
        return null;
    }

    private static bool MustWait(Model model) => model.UnderWay.Any(job => job.State is JobState.Queued);

    private static string? Is(Acceptance verdict, Acceptance expected) => verdict == expected ? null : $"it said {verdict} and not {expected}";

    private static (JobId Job, byte Fingerprint, long Expires)? Kept(Model model, string tenant, string key, long now) =>
        model.Keys.TryGetValue((tenant, key), out var kept) && kept.Expires >= now && model.Jobs.ContainsKey(kept.Job) ? kept : null;

    /// <summary>The job that holds its unique key.</summary>
    private static JobId? Given(Model model, Spec spec, long now)
    {
        if (spec.Hold is null || spec.IsDebounced) return null;
        if (model.UnderWay.FirstOrDefault(job => job.Hold == spec.Hold) is { } holder) return holder.Id;
        return spec.Window is { } window ? Kept(model, spec.Tenant, window, now)?.Job : null;
    }

    private static void TakeKey(Model model, Spec spec, JobId job, long now)
    {
        if (spec.Key is { } key) model.Keys[(spec.Tenant, key)] = (job, spec.Fingerprint, now + spec.KeptFor);
    }

    private static string? Replace(Model model, ModelJob holder, Spec spec, long now, Acceptance verdict)
    {
        if (spec.Nano is { } nano && nano - (holder.Held ?? 0) is > 0 and var lacking)
        {
            if (!model.HasRoomFor(lacking)) return verdict is Acceptance.OverBudget ? null : $"it said {verdict}, and the budget has no room for it in the place of another";
            model.Reserve(holder, lacking);
        }
        if (holder.State is JobState.Scheduled) holder.Due = Math.Min(now + spec.Delay!.Value, holder.HoldUntil!.Value);
        (holder.QueueDeadline, holder.Deadline) = (now + spec.Patience, now + spec.Patience);
        model.Tell(holder.Id, "replaced");
        TakeKey(model, spec, holder.Id, now);
        return Is(verdict, new Acceptance.Replaced(holder.Id));
    }

    private static void Add(Model model, Spec spec, JobId id, long now, long? lease)
    {
        var job = new ModelJob
        {
            Id = id,
            Number = model.Told.Count + 1,
            Tenant = spec.Tenant,
            Mode = spec.Mode,
            Charge = Turns.Charge(Spec.Weight(spec.Tenant)),
            State = lease is not null ? JobState.Running : spec.Delay is not null ? JobState.Scheduled : JobState.Queued,
            Deadline = now + spec.Patience,
            QueueDeadline = now + spec.Patience,
            Lease = lease,
            Tries = lease is null ? 0 : 1,
            Since = lease is null ? null : now,
            Due = lease is null ? now + spec.Delay : null,
            Why = lease is not null || spec.Delay is null ? null : spec.IsDebounced ? "debounce" : "start-time",
            Hold = spec.Hold,
            HoldUntil = spec.IsDebounced ? now + 30_000 : null,
            Gate = spec.Gate,
        };
        if (lease is not null && spec.Mode is not Mode.Stream)
        {
            // Nobody jumps the queue.
            var first = model.UnderWay.Where(other => other.State is JobState.Queued).Min(other => other.Rank);
            job.MayRank = rank => first is null || rank < first;
        }
        if (spec.Nano is { } nano) model.Reserve(job, nano);
        if (spec.Charge > 0) model.Charge(job, 1);
        TakeKey(model, spec, id, now);
        if (spec.Window is { } window) model.Keys[(spec.Tenant, window)] = (id, spec.Fingerprint, now + 10_000);
        model.Jobs.Add(id, job);
        model.Tell(id, "submitted");
        if (lease is not null && spec.Mode is not Mode.Stream) model.Tell(id, "started");
    }
}

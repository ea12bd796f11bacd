using System.Globalization;
using Headway.Features;
using Headway.Jobs;
using Headway.Jobs.Storage;

namespace Headway.Tests.Simulation;

/// <summary>What a step means as things stand.</summary>
internal sealed partial class Player
{
    private Operation Wakes(Actor node, long now) => _story.Terms.Pull ? new SignsOn(node, null, _place, _model.Now) : new Wakes(node, now);

    private Operation Claims(Actor node, int most, long now, bool counts, string? tenant) =>
        _story.Terms.Pull ? new Pulling(node, node.Lease!.Value, _place, _story.Terms, most, now, counts, tenant) : new Claiming(node, node.Lease!.Value, _place, _story.Terms, most, now, counts);

    private JobId DrawId() => JobIds.At(_begins, ++_drawn);

    /// <summary>What a step means as things stand. Null: nothing.</summary>
    private async Task<Operation?> DrawAsync(Step step)
    {
        var chance = new Random(step.Chance);
        var node = _nodes[chance.Next(_nodes.Count)];
        var now = _model.Now + node.Drift;
        switch (step.Act)
        {
            case Act.Pass:
                await PassAsync(chance.Next(8) switch { < 4 => chance.Next(1, 2_000), < 6 => chance.Next(2_000, 20_000), 6 => chance.Next(31_000, 90_000), _ => chance.NextInt64(Model.Hour / 2, 3 * Model.Hour) });
                return null;
            case Act.Drift:
                node.Drift = chance.Next(4) switch { 0 => 0, 1 => -chance.Next(1, 5_000), 2 => -chance.Next(5_000, 100_000), _ => chance.Next(1, 10_000) };
                _script.Add($"{_model.Now - _begins,10} the clock of {node.Name} is off by {node.Drift} ms");
                return null;
            case Act.Die:
                // What it asked for at last may have been done or not: the steps before show both.
                node.Lease = null;
                node.Holds.Clear();
                _script.Add($"{_model.Now - _begins,10} {node.Name} dies");
                return null;
            case Act.Wake:
                // A node that was cut off keeps what it believes to hold, and goes on with it under its old fence.
                return Wakes(node, now);
            case Act.Accept or Act.AcceptMany when _model.Told.Count > 30:
                return null;
            case Act.Accept:
                var spec = Spec.Of(chance, _story.Terms, plain: false);
                if (spec.Mode is Mode.Stream && node.Lease is null) return null;
                return new Accepting(spec, DrawId, now, node, _place, _room, _story.Terms, claims: spec.Delay is null && spec.Gate is null && !_story.Terms.Pull && node.Lease is not null && _story.Terms.Cluster is null && chance.Next(5) == 0);
            case Act.AcceptMany:
                // Lines of one request are one tenant's.
                var first = Spec.Of(chance, _story.Terms, plain: true);
                return new AcceptingMany([.. Enumerable.Range(0, chance.Next(1, 5)).Select(_ => Spec.Of(chance, _story.Terms, plain: true) with { Tenant = first.Tenant })], DrawId, now, node, _place, _room, _story.Terms);
            default:
                return DrawOfNode(step.Act, chance, node, now) ?? DrawOfJob(step.Act, chance, now) ?? DrawUpkeep(step.Act, chance, node, now);
        }
    }

    private Operation? DrawOfNode(Act act, Random chance, Actor node, long now)
    {
        if (act is Act.Claim or Act.ClaimWithLimits or Act.Renew or Act.Match or Act.SignOff && node.Lease is null) return null;
        switch (act)
        {
            case Act.Claim or Act.ClaimWithLimits:
                return Claims(node, chance.Next(1, 4), now, counts: act is Act.ClaimWithLimits, tenant: chance.Next(3) == 0 ? Spec.Tenants[chance.Next(Spec.Tenants.Count)] : null);
            case Act.Renew:
                return _story.Terms.Pull ? new SignsOn(node, node.Lease, _place, _model.Now) : new Renews(node, node.Lease!.Value, now + Lease);
            case Act.SignOff:
                return _story.Terms.Pull ? new SignsOff(node, node.Lease!.Value) : null;
            case Act.HandOut:
                var shown = node.Holds.Where(held => _model.Jobs.ContainsKey(held.Fence.Job)).Select(held => (held, _model.Jobs[held.Fence.Job].Tenant)).ToList();
                return _story.Terms.Pull && shown.Count > 0 ? new HandsOut(node, shown, _place, now) : null;
            case Act.Match:
                var unknown = _model.UnderWay.Where(job => job.State is JobState.Running && job.Lease == node.Lease && !job.IsOneShot).Select(job => new ClaimedJob(new Fence(job.Id, job.Lease!.Value, job.Tries), job.Failed, job.Crashes, job.Since!.Value))
                    .Where(job => node.Holds.TrueForAll(held => held.Fence != job.Fence)).ToList();
                return unknown.Count == 0 ? null : new Matching(node, unknown, now);
            case Act.End or Act.Retry or Act.HandBack or Act.Facts or Act.TakeBack:
                return DrawAttempt(chance) is var (worker, held) ? DrawOfAttempt(act, chance, worker, held, _model.Now + worker.Drift) : null;
            default:
                return null;
        }
    }

    /// <summary>Often one whose job somebody else has by now.</summary>
    private (Actor Node, ClaimedJob Held)? DrawAttempt(Random chance)
    {
        var zombies = chance.Next(3) == 0 ? [] : _nodes.SelectMany(node => node.Holds.Concat(node.Former).Where(held => _model.Jobs.GetValueOrDefault(held.Fence.Job)?.State is JobState.Running && _model.HeldBy(held.Fence) is null).Select(held => (node, held))).ToList();
        var all = zombies.Count > 0 ? zombies : [.. _nodes.SelectMany(node => node.Holds.Select(held => (node, held)))];
        return all.Count == 0 ? null : all[chance.Next(all.Count)];
    }

    private Operation? DrawOfAttempt(Act act, Random chance, Actor node, ClaimedJob held, long now)
    {
        var cost = chance.Next(4) * Spec.Price;
        if (_model.Jobs.GetValueOrDefault(held.Fence.Job) is not { } job) return null;
        switch (act)
        {
            case Act.Facts:
                return new Tells(node, held, job.Tenant, _place, cost, now);
            case Act.TakeBack:
                return new TakesBack(node, held, now);
            case Act.End:
                return new Ends(node, held, job, _place, well: chance.Next(3) > 0, cost, now);
            case Act.Retry when !job.IsOneShot:
                return new PutsBack(node, held, job, _place, chance.Next(3) == 0 ? "snoozed" : "failed", chance.Next(1, 30_000), cost, now);
            case Act.HandBack when !job.IsOneShot:
                return new PutsBack(node, held, job, _place, "handed-back", chance.Next(3) == 0 ? 1_000 : null, 0, now);
            default:
                return null;
        }
    }

    private Operation? DrawOfJob(Act act, Random chance, long now)
    {
        var jobs = _model.Jobs.Values.Where(job => act is Act.Cancel || job.State is JobState.Dead || chance.Next(6) == 0).ToList();
        if (act is not (Act.Cancel or Act.Replay) || jobs.Count == 0) return null;
        var job = jobs[chance.Next(jobs.Count)];
        return act is Act.Cancel ? new Cancels(job, _place, now) : new Replays(job, _place, chance.Next(2) == 0, now);
    }

    private Operation? DrawUpkeep(Act act, Random chance, Actor node, long now)
    {
        switch (act)
        {
            case Act.Rescue:
                var leases = LeasesInUse();
                if (leases.Count == 0) return null;
                var lease = leases[chance.Next(leases.Count)];
                if (lease == node.Lease) return null;
                // One that no lease has any more is whoever's that finds it.
                var before = _model.Leases.ContainsKey(lease) ? now : long.MaxValue;
                var whose = string.Create(CultureInfo.InvariantCulture, $"{_nodes.FirstOrDefault(other => other.Lease == lease)?.Name ?? "nobody"} (lease {leases.IndexOf(lease) + 1} of {leases.Count})");
                return new Rescues(node, lease, whose, chance.Next(3) == 0 ? 2 : 100, before, now, _story.Terms.Pull);
            case Act.Promote:
                return new Promotes(now);
            case Act.Expire:
                return new Expires(now);
            case Act.Prune:
                // By a clock that is ahead, too: keys that are kept longer outlive their records.
                return new Prunes(now + (chance.Next(2) * 3 * Model.Hour));
            case Act.OpenGates:
                return new Opens();
            case Act.SettleUnknown:
                return new Settles(now - 60_000, now);
            default:
                return null;
        }
    }
}

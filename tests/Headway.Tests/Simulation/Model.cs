using System.Globalization;
using Headway.Jobs;
using Headway.Jobs.Storage;

namespace Headway.Tests.Simulation;

/// <summary>What the database must hold, by the rules of docs/durability.md and without a database.</summary>
internal sealed class Model(Terms terms)
{
    private SortedDictionary<JobId, ModelJob> _gone = [];

    public const long Hour = 3_600_000;

    public Terms Terms { get; } = terms;

    /// <summary>The database's time. What a node takes for it may be another.</summary>
    public long Now { get; set; }

    public Dictionary<long, long> Leases { get; private set; } = [];

    /// <summary>All records there are, in the order of their ids.</summary>
    public SortedDictionary<JobId, ModelJob> Jobs { get; private set; } = [];

    /// <summary>Idempotency keys: whose, and until when.</summary>
    public Dictionary<(string Tenant, string Key), (JobId Job, byte Fingerprint, long Expires)> Keys { get; private set; } = [];

    /// <summary>What was told of each job, also of those that are gone.</summary>
    public SortedDictionary<JobId, List<string>> Told { get; private set; } = [];

    /// <summary>Turns that are charged to a tenant, less those that were given back.</summary>
    public SortedDictionary<string, long> Charged { get; private set; } = [];

    /// <summary>Tenants of which some jobs may have been given new turns as their gates were opened: how many, only the rule of turns can tell.</summary>
    public SortedSet<string> GivenNewTurns { get; private set; } = [];

    /// <summary>How many jobs those of the same group want accepted: what they take, also for a moment, is not there for others.</summary>
    public int WantedBeside { get; set; }

    /// <summary>How often a job went back to wait: those are never refused, and may exceed the room of the queue.</summary>
    public int ComeBacks { get; set; }

    public long Spent { get; private set; }
    public long MaybePaid { get; private set; }
    public bool BudgetIsOpen { get; private set; }
    public long Reserved => Owners.Sum(job => job.Held ?? 0);

    /// <summary>All for whom something is held: also jobs whose records are gone.</summary>
    public IEnumerable<ModelJob> Owners => Jobs.Values.Concat(_gone.Values).Where(job => job.Held is not null);

    public IEnumerable<ModelJob> UnderWay => Jobs.Values.Where(job => job.IsUnderWay);
    public int Running => UnderWay.Count(job => job.State is JobState.Running);
    public int Waiting => UnderWay.Count(job => job.Waits);

    public Model Clone() => new(Terms)
    {
        Now = Now,
        Leases = new(Leases),
        Jobs = new(Jobs.ToDictionary(job => job.Key, job => job.Value.Clone())),
        Keys = new(Keys),
        Told = new(Told.ToDictionary(job => job.Key, job => job.Value.ToList())),
        Charged = new(Charged),
        GivenNewTurns = new(GivenNewTurns),
        ComeBacks = ComeBacks,
        Spent = Spent,
        MaybePaid = MaybePaid,
        BudgetIsOpen = BudgetIsOpen,
        _gone = new(_gone.ToDictionary(job => job.Key, job => job.Value.Clone())),
    };

    /// <summary>The record is gone; what was held back for it is not.</summary>
    public void Forget(ModelJob job)
    {
        Jobs.Remove(job.Id);
        if (job.Held is not null) _gone.Add(job.Id, job);
    }

    /// <summary>Also one whose record is gone, if something is held for it.</summary>
    public ModelJob? Find(JobId job) => Jobs.GetValueOrDefault(job) ?? _gone.GetValueOrDefault(job);

    public void DropGone() => _gone = new(_gone.Where(job => job.Value.Held is not null).ToDictionary());

    public void Tell(JobId job, string what, string? outcome = null)
    {
        if (!Told.TryGetValue(job, out var told)) Told[job] = told = [];
        told.Add(outcome is null ? what : $"{what}:{outcome}");
    }

    public void Charge(ModelJob job, int turns) => Charged[job.Tenant] = Charged.GetValueOrDefault(job.Tenant) + (turns * job.Charge);

    /// <summary>Whether a fence still holds.</summary>
    public ModelJob? HeldBy(Fence fence) => Jobs.GetValueOrDefault(fence.Job) is { State: JobState.Running } job && job.Lease == fence.Lease && job.Tries == fence.Attempt ? job : null;

    /// <summary>A lease under which things may be claimed. On a database of one process whoever lives has one.</summary>
    public bool IsAlive(long lease, long now) => !Storage.TestDatabase.IsPostgres || Leases.TryGetValue(lease, out var expires) && expires > now;

    /// <summary>A lease that is there, and that nobody may take any more before it is renewed.</summary>
    public bool HoldsLease(long lease) => Leases.TryGetValue(lease, out var until) && (!Storage.TestDatabase.IsPostgres || until > Now);

    public bool HasRoomFor(long nano) => Terms.Budget is { } limit && (BudgetIsOpen ? Spent + Reserved < limit : limit > 0) && Spent + Reserved + nano <= limit;

    public void Reserve(ModelJob job, long nano) => (BudgetIsOpen, job.Held) = (true, (job.Held ?? 0) + nano);

    /// <summary>What was spent of what is held, which goes on.</summary>
    public void Spend(ModelJob job, long nano)
    {
        if (nano == 0 || job.Held is not { } held) return;
        Spent += nano;
        job.Held = held - Math.Min(nano, held);
    }

    /// <summary>A worker tells what an attempt cost: counted once, and against the budget also where nothing is held for the job. False: it was told before.</summary>
    public bool TellSpent(ModelJob job, int attempt, long nano)
    {
        if (!job.Told.Add(attempt)) return false;
        if (nano > 0 && job.Held is null && Terms.Budget is not null) (BudgetIsOpen, Spent) = (true, Spent + nano);
        return true;
    }

    /// <summary>What was spent at last; the rest is given back.</summary>
    public void Settle(ModelJob job, long nano)
    {
        if (job.Held is null) return;
        Spent += nano;
        job.Held = null;
    }

    /// <summary>Nobody knows what was spent: all that is held.</summary>
    public void SpendUnknown(ModelJob job)
    {
        if (job.Held is not { } held || held == 0) return;
        (Spent, MaybePaid, job.Nano, job.Held) = (Spent + held, MaybePaid + held, job.Nano + held, 0);
    }

    /// <summary>Ends a job: out of the queue, record finished, event told.</summary>
    public void Finish(ModelJob job, JobState state, long now, long? started, string what, string? code, string? outcome)
    {
        (job.State, job.Attempt, job.Failures, job.Code) = (state, job.Tries, job.Failed, code);
        job.Finished = Math.Max(now, job.Started ?? started ?? now);
        job.Started ??= started;
        job.Prune = now + (state is JobState.Dead ? 3 : 1) * Hour;
        job.LeaveQueue();
        Tell(job.Id, what, outcome);
    }

    /// <summary>Takes a lost attempt back: again, or dead as poison.</summary>
    public void Crash(ModelJob job, long now, ref int lastTries)
    {
        job.Attempts.Add($"{job.Tries} crashed");
        SpendUnknown(job);
        if (!job.IsOneShot && job.Crashes + 1 < 3)
        {
            ComeBacks++;
            // The last try of several comes apart from the others.
            long? due = job.Crashes == 1 ? now + (++lastTries * 500) : null;
            (job.State, job.Due, job.Why, job.Lease, job.Crashes) = (due is null ? JobState.Queued : JobState.Scheduled, due, due is null ? null : "crash", null, job.Crashes + 1);
            return;
        }
        var code = job.IsOneShot ? "node-lost" : "poison";
        Settle(job, 0);
        Finish(job, job.IsOneShot ? JobState.Failed : JobState.Dead, now, job.Since, job.IsOneShot ? "failed" : "died", code, code);
    }

    public int NumberOf(JobId job) => Jobs.TryGetValue(job, out var known) ? known.Number : -1;

    /// <summary>All that is not in the rows of jobs and queue, told apart by kind.</summary>
    public IEnumerable<string> Rest()
    {
        foreach (var (job, told) in Told) yield return $"events of {Name(job)}: {string.Join(' ', told)}";
        foreach (var job in Jobs.Values.Where(job => job.Attempts.Count > 0)) yield return $"attempts of {Name(job.Id)}: {string.Join(", ", job.Attempts)}";
        foreach (var job in Jobs.Values.Where(job => job.FormerInputs > 0)) yield return $"former inputs of {Name(job.Id)}: {job.FormerInputs}";
        foreach (var job in Owners) yield return $"held for {Name(job.Id)}: {job.Held}";
        foreach (var ((tenant, key), kept) in Keys) yield return $"key {tenant}/{key} is of {Name(kept.Job)} until {kept.Expires}";
        foreach (var (lease, expires) in Leases) yield return $"lease {lease} until {expires}";
        foreach (var (tenant, charged) in Charged) yield return Charge(tenant, charged);
        if (BudgetIsOpen) yield return $"budget: spent {Spent} reserved {Reserved} maybe paid {MaybePaid}";
        yield return string.Create(CultureInfo.InvariantCulture, $"payloads: {Jobs.Values.Sum(job => (job.HasInput ? 1 : 0) + (job.HasResult ? 1 : 0) + job.FormerInputs)}, lost with 0 jobs, 0 left over");
    }

    public string Charge(string tenant, long charged) => $"charged to {tenant}: {(GivenNewTurns.Contains(tenant) ? "what it took" : charged.ToString(CultureInfo.InvariantCulture))}";

    public static string Name(JobId job) => Convert.ToHexString(job.ToBytes())[..16];
}

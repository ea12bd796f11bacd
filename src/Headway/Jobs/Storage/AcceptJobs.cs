using Headway.Audit;
using Headway.Budgets;
using Headway.Payloads;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>Accepts many jobs of one pool in one transaction, each with a verdict of its own, as <see cref="AcceptJob"/> would have given it in their order. None is claimed.</summary>
/// <remarks>
/// What is asked of the database is asked kind by kind and not job by job, so that PostgreSQL is given sets.
///
/// Two transactions that take the same idempotency keys must not wait for each other in a circle. The order of one write is not enough: a transaction takes
/// several, each in its own order, and another node may have been given the same lines cut differently. So whoever takes many keys of a tenant and version
/// holds a lock on them that holds on every node until its transaction has ended. Others of that tenant and version wait for one commit, which is little
/// for hundreds of lines; a lock for each key would fill the server's table of locks. A single call takes no such lock: it takes one key, and where calls
/// and lines with the same keys meet in a circle all the same, the server breaks it, and the group is tried again in halves.
/// </remarks>
internal sealed class AcceptJobs(IReadOnlyList<NewJob> jobs) : Write<IReadOnlyList<Acceptance>>
{
    private readonly IReadOnlyList<Claim> _claims = [.. jobs.SelectMany(job => job.Claims.Concat(ManyKeysOf(job))).Distinct()];

    /// <summary>The room in the pool's queue.</summary>
    public required QueueRoom Room { get; init; }

    /// <summary>How many may be queued in the pool.</summary>
    public required int QueuedLimit { get; init; }

    /// <summary>The room that their tenant has in all queues; null: no bound.</summary>
    public QueueRoom? TenantRoom { get; init; }

    /// <summary>How many jobs of the tenant may be queued.</summary>
    public int TenantQueuedLimit { get; init; }

    internal override Writer Writer => Writer.Acceptances;

    internal override bool MeetsChanges => jobs.Any(job => job.Reservation is not null);

    internal override IReadOnlyList<Claim> Claims => _claims;

    protected override async ValueTask<IReadOnlyList<Acceptance>> ApplyAsync(Session session)
    {
        var verdicts = new Acceptance?[jobs.Count];
        var kept = await session.EachAsync(jobs, job => AcceptJob.KeptAsync(session, job)).ConfigureAwait(false);
        for (var i = 0; i < verdicts.Length; i++) verdicts[i] = kept[i];
        var twins = Twins(verdicts);
        var open = Enumerable.Range(0, jobs.Count).Where(i => verdicts[i] is null && !twins.ContainsKey(i)).ToList();
        await TakeRoomAsync(session, open, verdicts).ConfigureAwait(false);
        await ReserveAsync(session, open, verdicts).ConfigureAwait(false);
        await TakeKeysAsync(session, open, verdicts).ConfigureAwait(false);
        var accepted = open.ConvertAll(i => jobs[i]);
        foreach (var key in accepted.Select(job => job.Key).OfType<long>().Distinct().Order()) await KeyStore.HoldAsync(session, key).ConfigureAwait(false);
        await JobWrites.InsertJobsAsync(session, accepted).ConfigureAwait(false);
        foreach (var job in accepted) AuditTrail.Begin(session, job.Origin.Audit(AuditActions.Submitted), job.Created);
        foreach (var i in open) verdicts[i] = new Acceptance.Accepted(Claimed: false);
        foreach (var (later, first) in twins) verdicts[later] = AsTwin(jobs[later], jobs[first], verdicts[first]!);
        return verdicts!;
    }

    private static Claim[] ManyKeysOf(NewJob job) => job.Idempotency is { } key ? [new Claim("many idempotency keys", $"{key.Scope}/{job.Origin.Tenant}", OnEveryNode: true)] : [];

    /// <summary>Jobs whose key a job before them has, by number, with the number of the first one.</summary>
    private Dictionary<int, int> Twins(Acceptance?[] verdicts)
    {
        var (firsts, twins) = (new Dictionary<Claim, int>(), new Dictionary<int, int>());
        for (var i = 0; i < verdicts.Length; i++)
        {
            if (verdicts[i] is null && jobs[i].Claims is [var key, ..] && !firsts.TryAdd(key, i)) twins[i] = firsts[key];
        }
        return twins;
    }

    private static Acceptance AsTwin(NewJob later, NewJob first, Acceptance verdict) => verdict is Acceptance.Accepted
        ? new Acceptance.Repeat(first.Origin.Id, Same: later.Idempotency!.Fingerprint.AsSpan().SequenceEqual(first.Idempotency!.Fingerprint))
        : verdict;

    // Those that come first are taken.
    private async ValueTask TakeRoomAsync(Session session, List<int> open, Acceptance?[] verdicts)
    {
        if (open.Count == 0) return;
        var first = jobs[open[0]];
        if (TenantRoom is not null) Leave(await TenantRoom.TakeAsync(session, asked => AcceptJob.CountOfTenant(asked, first.Gate, TenantQueuedLimit), TenantQueuedLimit, first.Created, open.Count).ConfigureAwait(false), new Acceptance.TenantFull());
        if (open.Count > 0) Leave(await Room.TakeAsync(session, asked => AcceptJob.CountOfPool(asked, first.Pool, QueuedLimit), QueuedLimit, first.Created, open.Count).ConfigureAwait(false), new Acceptance.Full());

        void Leave(int room, Acceptance verdict)
        {
            foreach (var i in open[room..]) verdicts[i] = verdict;
            open.RemoveRange(room, open.Count - room);
        }
    }

    private async ValueTask ReserveAsync(Session session, List<int> open, Acceptance?[] verdicts)
    {
        if (open.TrueForAll(i => jobs[i].Reservation is null)) return;
        var refused = await session.EachAsync(open, i => jobs[i].Reservation is { } held ? Ledger.TryReserveAsync(session, jobs[i].Origin.Id, held.Limits, held.Nano) : default).ConfigureAwait(false);
        for (var n = open.Count - 1; n >= 0; n--)
        {
            if (refused[n] is not { } over) continue;
            verdicts[open[n]] = new Acceptance.OverBudget(over);
            open.RemoveAt(n);
        }
    }

    private async ValueTask TakeKeysAsync(Session session, List<int> open, Acceptance?[] verdicts)
    {
        var keyed = open.Where(i => jobs[i].Idempotency is not null).OrderBy(i => Convert.ToHexString(jobs[i].Idempotency!.Key), StringComparer.Ordinal).ToList();
        var taken = await session.EachAsync(keyed, i => AcceptJob.TakeKeyAsync(session, jobs[i], jobs[i].Idempotency!)).ConfigureAwait(false);
        for (var n = 0; n < keyed.Count; n++)
        {
            if (taken[n]) continue;
            // Another node was first: its job is this one's, too.
            var job = jobs[keyed[n]];
            if (job.Reservation is not null) await Ledger.SettleAsync(session, job.Origin.Id, 0).ConfigureAwait(false);
            verdicts[keyed[n]] = await AcceptJob.KeptAsync(session, job).ConfigureAwait(false) ?? throw AcceptJob.TakenMeanwhile;
            open.Remove(keyed[n]);
        }
    }
}

using Headway.Audit;
using Headway.Caching;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Payloads;
using Headway.Storage;

namespace Headway.Jobs.Accepting;

/// <summary>Answers a call with an answer that was made for another, in every mode: before a slot or a place in the queue is asked for, because an answer that is there costs none.</summary>
/// <remarks>
/// Whoever is answered so has a call of its own: a record that names the job whose answer it is, and the audit events of its mode, of which the closing one
/// names the cache as what gave it. It discloses nothing and costs nothing. But for a sync call that nobody can ask about later, all of it is durable before
/// the answer.
/// </remarks>
internal sealed class AnswersAgain(Database database, Vault vault, AnswerCache cache, CallRecords records, Repeats repeats, NodeLease lease)
{
    /// <summary>Of a mode that is durable first. Null: it is to be made.</summary>
    public async Task<Answer?> TryAnswerAsync(Call call, Prepared prepared, CancellationToken callerLeft)
    {
        if (prepared.Work.CacheInput is null && !call.Cache.OnlyIfCached) return null;
        if (repeats.Kept(prepared.Job) is { } kept) return await repeats.AnswerAsync(call, kept, callerLeft).ConfigureAwait(false);
        if (Find(call, prepared.Work) is { } given) return await GiveAsync(call, prepared, given, CacheUseKind.Hit, null, callerLeft).ConfigureAwait(false);
        return call.Cache.OnlyIfCached ? new Answer.Refused(Refusals.NotCached(call.Feature)) : null;
    }

    public byte[]? KeyOf(Work work) => cache.KeyOf(work.Version, work.CacheInput);

    public GivenAnswer? Find(Call call, Work work)
    {
        // One that is to start later is to be as new as its start.
        if (call.Cache.NoCache || call.StartsLater || KeyOf(work) is not { } key) return null;
        return cache.Find(work.Origin.Tenant, key, call.Cache.MaxAge is { } most ? database.Now - (long)most.TotalMilliseconds : 0);
    }

    /// <summary>Whether an answer that was not found in the cache may be given all the same: it has not expired, and is as new as the caller wishes.</summary>
    public bool Suits(Call call, GivenAnswer given)
    {
        var now = database.Now;
        return given.Expires > now && (call.Cache.MaxAge is not { } most || now - given.Created <= most.TotalMilliseconds);
    }

    public async Task<Answer> GiveAsync(Call call, Prepared prepared, GivenAnswer given, CacheUseKind kind, TimeSpan? waited, CancellationToken callerLeft)
    {
        var (work, now) = (prepared.Work, database.Now);
        var output = ShownAgain.Of(work, given);
        var ending = Endings.GivenAgain(work, given, now, lease.Node, EventsBefore(work)) with { LastEvent = output?.Last, Shown = output is not null };
        if (work.Mode is Mode.Hybrid && !call.TakesNoResult) ending = ending with { Audit = [.. ending.Audit, Delivered(work, given)] };
        if (work.Mode is not Mode.Sync || work.Version.Contract.IsSensitive || call.IdempotencyKey is not null)
        {
            if (await database.WriteAsync(new RecordHit(prepared.Job, ending, output)).ConfigureAwait(false) is Acceptance.Repeat repeat) return await repeats.AnswerAsync(call, repeat, callerLeft).ConfigureAwait(false);
        }
        else
        {
            if (records.Refusal is { } refusal) return new Answer.Refused(refusal);
            await records.AddAsync(prepared.Job, call.Input.Request is null ? ending with { Result = null } : ending).ConfigureAwait(false);
        }
        var use = UseOf(kind, now, given.Created, given.Expires);
        var job = Answers.JobOf(work, prepared.Job, ending, waited);
        return work.Mode switch
        {
            _ when work.Mode is Mode.Async || call.TakesNoResult => new Answer.Accepted(job) { Cache = use },
            Mode.Stream => new Answer.Streaming(job) { Cache = use },
            _ => new Answer.Done(job, new Result(given.Body, given.MediaType) { Model = given.Model }) { Cache = use },
        };
    }

    /// <summary>Says of an answer that was made, or is being made, what the cache did for it.</summary>
    public Answer Tell(Answer answer, Call call, Prepared prepared)
    {
        if (call.Feature.Cache is null) return answer;
        return answer switch
        {
            // Its key had it already: that is no work of the cache.
            Answer.Done done when done.Job.Id != prepared.Job.Origin.Id => done,
            Answer.Done done => done with { Cache = UseOf(call, prepared.Work, done.Job) },
            Answer.Accepted accepted when accepted.Job.Id == prepared.Job.Origin.Id => accepted with { Cache = new CacheUse(KindOf(call, prepared.Work)) },
            Answer.Streaming streaming when streaming.Job.Id == prepared.Job.Origin.Id => streaming with { Cache = new CacheUse(KindOf(call, prepared.Work)) },
            _ => answer,
        };
    }

    public static CacheUseKind KindOf(Call call, Work work) =>
        work.CacheInput is null || call.StartsLater ? CacheUseKind.Bypassed : call.Cache.NoCache ? CacheUseKind.AskedAnew : CacheUseKind.Miss;

    /// <summary>Of a job that has ended: what lies under its key tells whether its answer was kept, or whose it was given.</summary>
    private CacheUse UseOf(Call call, Work work, Job job)
    {
        var kept = KeyOf(work) is { } key ? cache.Kept(work.Origin.Tenant, key) : null;
        if (job.CachedFrom is null) return new CacheUse(KindOf(call, work)) { Stored = kept?.Job == job.Id };
        return kept is { } from && from.Job == job.CachedFrom ? UseOf(CacheUseKind.Joined, database.Now, from.Created, from.Expires) : new CacheUse(CacheUseKind.Joined);
    }

    private static CacheUse UseOf(CacheUseKind kind, long now, long created, long expires) => new(kind)
    {
        Age = TimeSpan.FromMilliseconds(Math.Max(0, now - created)),
        Left = TimeSpan.FromMilliseconds(Math.Max(0, expires - now)),
    };

    private IReadOnlyList<AuditEvent> EventsBefore(Work work) => work.OneShot
        ? work.Version.Contract.IsSensitive ? [work.Origin.Audit(AuditActions.Opened, node: lease.Node)] : []
        : [work.Origin.Audit(AuditActions.Submitted)];

    // A hybrid call is answered by this very write, as one that waited for its job.
    private AuditEvent Delivered(Work work, GivenAnswer given) => work.Origin.Audit(AuditActions.Delivered, "succeeded", lease.Node) with
    {
        Purpose = "response",
        Payload = vault.Mac(work.Origin.Tenant, "delivered payload", given.Body.Span),
    };
}

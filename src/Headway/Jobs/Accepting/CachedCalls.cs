using Headway.Audit;
using Headway.Caching;
using Headway.Handlers;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Payloads;
using Headway.Storage;

namespace Headway.Jobs.Accepting;

/// <summary>
/// Answers calls of a feature that has a cache: with an answer that was made before, or with that of an identical call that is under way, or by
/// having it made. Before a slot of the pool is asked for, because an answer that is there costs none.
/// </summary>
/// <remarks>
/// Whoever is answered so has a call of its own: a record that names the job whose answer it is, and its audit events, which name the cache
/// as what gave it. It discloses nothing and costs nothing. With a key or sensitive data they are durable before the answer, as for any other call.
/// </remarks>
internal sealed class CachedCalls(Database database, Vault vault, CallRecords records, Repeats repeats, NodeLease lease)
{
    /// <summary>What the audit trail names where a model would stand.</summary>
    public const string Recipient = "cache";

    private readonly Flights<Given> _flights = new();

    /// <param name="ask">Has the answer made; given what cancels it.</param>
    public async Task<Answer> AnswerAsync(Call call, Prepared prepared, long arrived, Func<CancellationToken, Task<Answer>> ask, CancellationToken callerLeft)
    {
        if (call.Feature.Cache is null) return await ask(callerLeft).ConfigureAwait(false);
        if (prepared.Work.CacheKey is not { } key) return Told(await ask(callerLeft).ConfigureAwait(false), CacheUseKind.Bypassed);
        if (call.Cache.NoCache) return Told(await ask(callerLeft).ConfigureAwait(false), CacheUseKind.AskedAnew);
        var until = database.Time.GetUtcNow() + call.Feature.Timeout;
        while (true)
        {
            if (Find(call, key) is { } kept) return await GiveAsync(call, prepared, arrived, kept, CacheUseKind.Hit, callerLeft).ConfigureAwait(false);
            var flight = _flights.Join(key, out var leads);
            if (flight is null) return Told(await ask(callerLeft).ConfigureAwait(false), CacheUseKind.Miss);
            if (leads) return await LeadAsync(flight, call, prepared, arrived, ask, callerLeft).ConfigureAwait(false);
            if (await FollowAsync(flight, call, prepared, arrived, until, callerLeft).ConfigureAwait(false) is { } answer) return answer;
        }
    }

    private async Task<Answer> LeadAsync(Flights<Given>.Flight flight, Call call, Prepared prepared, long arrived, Func<CancellationToken, Task<Answer>> ask, CancellationToken callerLeft)
    {
        Given? given = null;
        var kept = Task.CompletedTask;
        await using var left = callerLeft.Register(() => _flights.LeaderLeft(flight)).ConfigureAwait(false);
        try
        {
            // The flight before this one may have ended between the look and the joining.
            if (Find(call, prepared.Work.CacheKey!) is { } found) return await GiveAsync(call, prepared, arrived, found, CacheUseKind.Hit, callerLeft).ConfigureAwait(false);
            var answer = Told(await ask(flight.NobodyIsThere).ConfigureAwait(false), CacheUseKind.Miss);
            // An answer that its key had already may be a day old: it is this caller's alone.
            if (answer is Answer.Done done && done.Job.Id == prepared.Job.Origin.Id)
            {
                given = new Given(done.Result, done.Job.Id, database.Now, database.Now + (long)call.Feature.Cache!.For.TotalMilliseconds);
                kept = records.RecordedAsync(done.Job.Id);
            }
            return answer;
        }
        finally
        {
            _flights.End(flight, given, kept);
        }
    }

    /// <summary>Null: the one who asked got no answer.</summary>
    private async Task<Answer?> FollowAsync(Flights<Given>.Flight flight, Call call, Prepared prepared, long arrived, DateTimeOffset until, CancellationToken callerLeft)
    {
        Given? given;
        // Not in the cache yet, but made before this call came.
        var kind = flight.Ended.IsCompleted ? CacheUseKind.Hit : CacheUseKind.Joined;
        try
        {
            var wait = until - database.Time.GetUtcNow();
            given = await flight.Ended.WaitAsync(wait > TimeSpan.Zero ? wait : TimeSpan.Zero, database.Time, callerLeft).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            return await TimeOutAsync(prepared, arrived).ConfigureAwait(false);
        }
        finally
        {
            _flights.Leave(flight);
        }
        return given is null ? null : await GiveAsync(call, prepared, arrived, given, kind, callerLeft).ConfigureAwait(false);
    }

    private Given? Find(Call call, byte[] key)
    {
        var now = database.Now;
        if (database.Read(session => CachedAnswers.Find(session, key, now)) is not { } kept) return null;
        if (call.Cache.MaxAge is { } most && now - kept.Created > most.TotalMilliseconds) return null;
        try
        {
            var body = vault.Open(call.Caller.Tenant, PayloadKind.Result, kept.Job, kept.Body);
            return new Given(new Result(body, kept.MediaType) { Model = kept.Model }, kept.Job, kept.Created, kept.Expires);
        }
        catch (UnreadablePayloadException)
        {
            // Its subject's key is gone, or the row is damaged: it is made anew, and takes the place of this one.
            return null;
        }
    }

    private async Task<Answer> GiveAsync(Call call, Prepared prepared, long arrived, Given given, CacheUseKind kind, CancellationToken callerLeft)
    {
        var (work, now) = (prepared.Work, database.Now);
        var (sensitive, keyed) = (work.Version.Contract.IsSensitive, call.IdempotencyKey is not null);
        var served = work.Origin.Audit(AuditActions.Served, "succeeded", lease.Node, Recipient);
        var ending = new Ending
        {
            State = JobState.Succeeded,
            Finished = now,
            Attempt = 0,
            Result = sensitive || keyed || call.Input.Request is not null ? work.Key.Seal(PayloadKind.Result, work.Origin.Id, given.Result.Body.Span) : null,
            ResultType = given.Result.MediaType,
            Model = given.Result.Model,
            CachedFrom = given.Job,
            Node = lease.Node,
            Prune = Endings.PruneAt(work.Version.Retention, now),
            Audit = sensitive ? [work.Origin.Audit(AuditActions.Opened, node: lease.Node), served] : [served],
        };
        if (sensitive || keyed)
        {
            if (await database.WriteAsync(new RecordHit(prepared.Job, ending)).ConfigureAwait(false) is Acceptance.Repeat repeat) return await repeats.AnswerAsync(call, repeat, callerLeft).ConfigureAwait(false);
        }
        else
        {
            if (records.Refusal is { } refusal) return new Answer.Refused(refusal);
            await records.AddAsync(prepared.Job, ending).ConfigureAwait(false);
        }
        var use = new CacheUse(kind, TimeSpan.FromMilliseconds(Math.Max(0, now - given.Created)), TimeSpan.FromMilliseconds(Math.Max(0, given.Expires - now)));
        return new Answer.Done(Answers.JobOf(work, prepared.Job, ending, kind is CacheUseKind.Joined ? database.Time.GetElapsedTime(arrived) : null), given.Result) { Cache = use };
    }

    private async Task<Answer> TimeOutAsync(Prepared prepared, long arrived)
    {
        var failure = JobFailures.TimedOut(prepared.Work.Version);
        var ending = Endings.Failed(prepared.Work, JobState.Failed, AuditActions.Failed, failure, default, database.Now, lease.Node) with { Attempt = 0 };
        await database.WriteAsync(new RecordCall(prepared.Job, ending)).ConfigureAwait(false);
        return new Answer.Failed(Answers.JobOf(prepared.Work, prepared.Job, ending, database.Time.GetElapsedTime(arrived)), failure);
    }

    private static Answer Told(Answer answer, CacheUseKind kind) => answer is Answer.Done done ? done with { Cache = new CacheUse(kind, TimeSpan.Zero, null) } : answer;

    /// <summary>An answer that was made for another call.</summary>
    private sealed record Given(Result Result, JobId Job, long Created, long Expires);
}

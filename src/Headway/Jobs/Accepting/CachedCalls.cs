using Headway.Audit;
using Headway.Caching;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Accepting;

/// <summary>Sync calls of a feature that has a cache: given an answer that was made before, or that of an identical call that is under way, or made.</summary>
/// <remarks>
/// Invariant: whoever waits for another's answer has the call of any other: it leaves when its caller leaves, ends at its own timeout or deadline, and is
/// recorded in each case.
/// </remarks>
internal sealed class CachedCalls(Database database, AnswersAgain again, CallRecords records, NodeLease lease)
{
    private readonly Flights<GivenAnswer> _flights = new();

    /// <param name="ask">Has the answer made; given what cancels it.</param>
    public async Task<Answer> AnswerAsync(Call call, Prepared prepared, long arrived, Func<CancellationToken, Task<Answer>> ask, CancellationToken callerLeft)
    {
        if (call.Cache.OnlyIfCached)
        {
            return FindAtOnce(call, prepared.Work) is { } there
                ? await again.GiveAsync(call, prepared, there, CacheUseKind.Hit, null, callerLeft).ConfigureAwait(false)
                : new Answer.Refused(Refusals.NotCached(call.Feature));
        }
        if (AnswersAgain.KindOf(call, prepared.Work) is not CacheUseKind.Miss) return await AnewAsync(call, prepared, ask, callerLeft).ConfigureAwait(false);
        var until = database.Time.GetUtcNow() + call.Feature.Timeout;
        if (call.Deadline < until) until = call.Deadline.Value;
        while (true)
        {
            if (again.Find(call, prepared.Work) is { } kept) return await again.GiveAsync(call, prepared, kept, CacheUseKind.Hit, null, callerLeft).ConfigureAwait(false);
            var flight = _flights.Join(again.KeyOf(prepared.Work)!, out var leads);
            if (flight is null) return Told(await ask(callerLeft).ConfigureAwait(false), call, prepared);
            if (leads) return await LeadAsync(flight, call, prepared, ask, callerLeft).ConfigureAwait(false);
            if (await FollowAsync(flight, call, prepared, arrived, until, ask, callerLeft).ConfigureAwait(false) is { } answer) return answer;
        }
    }

    /// <summary>Also what was answered a moment ago and is being recorded.</summary>
    private GivenAnswer? FindAtOnce(Call call, Work work) =>
        again.Find(call, work) ?? (AnswersAgain.KindOf(call, work) is CacheUseKind.Miss && _flights.AnswerOf(again.KeyOf(work)!) is { } made && again.Suits(call, made) ? made : null);

    private async Task<Answer> AnewAsync(Call call, Prepared prepared, Func<CancellationToken, Task<Answer>> ask, CancellationToken callerLeft)
    {
        var answer = Told(await ask(callerLeft).ConfigureAwait(false), call, prepared);
        // No flight bridges the time until it is found: the caller's next call must not be given what this one was to replace.
        if (answer is Answer.Done { IsKept: true } done) await records.RecordedAsync(done.Job.Id).ConfigureAwait(false);
        return answer;
    }

    private async Task<Answer> LeadAsync(Flights<GivenAnswer>.Flight flight, Call call, Prepared prepared, Func<CancellationToken, Task<Answer>> ask, CancellationToken callerLeft)
    {
        GivenAnswer? given = null;
        var kept = Task.CompletedTask;
        await using var left = callerLeft.Register(() => _flights.LeaderLeft(flight)).ConfigureAwait(false);
        try
        {
            // The flight before this one may have ended between the look and the joining.
            if (again.Find(call, prepared.Work) is { } found) return await again.GiveAsync(call, prepared, found, CacheUseKind.Hit, null, callerLeft).ConfigureAwait(false);
            var answer = Told(await ask(flight.NobodyIsThere).ConfigureAwait(false), call, prepared);
            // An answer that its key had already may be a day old: it is this caller's alone.
            if (answer is Answer.Done { Result.IsGivenOnce: false } done && done.Job.Id == prepared.Job.Origin.Id)
            {
                var (now, result) = (database.Now, done.Result);
                given = new GivenAnswer(result.Body, result.MediaType, result.Model, AnswerPieces.Whole, done.Job.Id, now, now + (long)call.Feature.Cache!.For.TotalMilliseconds);
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
    private async Task<Answer?> FollowAsync(
        Flights<GivenAnswer>.Flight flight, Call call, Prepared prepared, long arrived, DateTimeOffset until, Func<CancellationToken, Task<Answer>> ask, CancellationToken callerLeft)
    {
        GivenAnswer? given;
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
        catch (OperationCanceledException) when (callerLeft.IsCancellationRequested)
        {
            await records.AddAsync(prepared.Job, Ended(prepared, JobState.Cancelled, AuditActions.Abandoned, JobFailures.Abandoned)).ConfigureAwait(false);
            return new Answer.Abandoned();
        }
        finally
        {
            _flights.Leave(flight);
        }
        if (given is null) return null;
        // A flight that has ended is open until its answer is found in the cache, which a slow disk can make long.
        if (!again.Suits(call, given)) return Told(await ask(callerLeft).ConfigureAwait(false), call, prepared);
        TimeSpan? waited = kind is CacheUseKind.Joined ? database.Time.GetElapsedTime(arrived) : null;
        return await again.GiveAsync(call, prepared, given, kind, waited, callerLeft).ConfigureAwait(false);
    }

    private async Task<Answer> TimeOutAsync(Prepared prepared, long arrived)
    {
        var failure = JobFailures.TimedOut(prepared.Work.Version);
        var ending = Ended(prepared, JobState.Failed, AuditActions.Failed, failure);
        await database.WriteAsync(new RecordCall(prepared.Job, ending)).ConfigureAwait(false);
        return new Answer.Failed(Answers.JobOf(prepared.Work, prepared.Job, ending, database.Time.GetElapsedTime(arrived)), failure);
    }

    private Ending Ended(Prepared prepared, JobState state, string action, Failure failure) =>
        Endings.Failed(prepared.Work, state, action, failure, default, database.Now, lease.Node) with { Attempt = 0 };

    private static Answer Told(Answer answer, Call call, Prepared prepared) => call.Feature.Cache is not null && answer is Answer.Done done && done.Job.Id == prepared.Job.Origin.Id
        ? done with { Cache = new CacheUse(AnswersAgain.KindOf(call, prepared.Work)) { Stored = done.IsKept } }
        : answer;
}

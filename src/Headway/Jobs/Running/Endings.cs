using System.Text;
using Headway.Audit;
using Headway.Caching;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs.Storage;
using Headway.Payloads;

namespace Headway.Jobs.Running;

/// <summary>Turns an outcome into what is written: states, sealed bytes, the audit event that tells of it.</summary>
internal static class Endings
{
    // An error's words are for people; a page of them is enough.
    private const int LongestWords = 4_000;

    public static Ending Succeeded(Work work, Result result, Usage usage, long now, string node)
    {
        var body = work.Key.Seal(PayloadKind.Result, work.Origin.Id, result.Body.Span);
        return Bare(work, result, usage, now, node) with { Result = body, Keep = KeepOf(work, result, body, now) };
    }

    private static Ending Bare(Work work, Result result, Usage usage, long now, string node) => new()
    {
        State = JobState.Succeeded,
        Finished = now,
        ResultType = result.MediaType,
        Model = result.Model,
        Usage = usage,
        Node = node,
        Prune = PruneAt(work.Version.Retention, now),
        To = work.Origin.Addressees,
        Audit = [work.Origin.Audit(work.OneShot ? AuditActions.Served : AuditActions.Completed, "succeeded", node)],
    };

    // Not longer than what it is the answer to may be kept.
    private static CachedAnswer? KeepOf(Work work, Result result, byte[] body, long now)
    {
        if (work.KeepUnder is not { } key || work.Version.Cache is not { } cache || result.IsGivenOnce || body.Length > CachedAnswers.LargestBody) return null;
        var expires = Math.Min(now + (long)cache.For.TotalMilliseconds, PruneAt(work.Version.Retention, now) ?? long.MaxValue);
        return expires <= now ? null : new CachedAnswer(work.Origin.Tenant, key, work.Origin.Id, body, result.MediaType, result.Model, AnswerPieces.Whole, now, expires);
    }

    /// <summary>Of a job that is given the answer of another: it costs nothing and discloses nothing, and its closing event names the cache as what gave it.</summary>
    /// <param name="before">The events that belong before the closing one.</param>
    public static Ending GivenAgain(Work work, GivenAnswer given, long now, string node, params IReadOnlyList<AuditEvent> before) => new()
    {
        State = JobState.Succeeded,
        Finished = now,
        Attempt = 0,
        Result = work.Key.Seal(PayloadKind.Result, work.Origin.Id, given.Body.Span),
        ResultType = given.MediaType,
        Model = given.Model,
        CachedFrom = given.Job,
        Node = node,
        Prune = PruneAt(work.Version.Retention, now),
        To = work.Origin.Addressees,
        Audit = [.. before, work.Origin.Audit(work.OneShot ? AuditActions.Served : AuditActions.Completed, "succeeded", node, AuditRecipients.Cache)],
    };

    public static Ending Failed(Work work, JobState state, string action, Failure failure, Usage usage, long now, string node) => new()
    {
        State = state,
        Finished = now,
        Failure = Seal(work.Key, work.Origin.Id, failure),
        Usage = usage,
        Node = node,
        Prune = state is JobState.Dead ? Add(now, work.Version.Retention.Dead) : PruneAt(work.Version.Retention, now),
        To = work.Origin.Addressees,
        Audit = [work.Origin.Audit(action, failure.Code, node)],
    };

    public static SealedFailure Seal(DataKey key, JobId job, Failure failure)
    {
        var words = failure.Message.Length > LongestWords ? failure.Message[..LongestWords] + "…" : failure.Message;
        return new SealedFailure(failure.Code, failure.Kind, failure.Fingerprint, key.Seal(PayloadKind.Error, job, Encoding.UTF8.GetBytes(words)));
    }

    public static long? PruneAt(RetentionOptions retention, long finished) => Earlier(Add(finished, retention.Payload), Add(finished, retention.Record));

    public static long? Add(long from, TimeSpan? kept) => kept is { } span ? from + (long)span.TotalMilliseconds : null;

    private static long? Earlier(long? a, long? b) => a is null ? b : b is null ? a : Math.Min(a.Value, b.Value);
}

using Headway.Features;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Storage;

namespace Headway.AspNetCore.Errors;

/// <summary>Gives each refusal and failure of the engine its HTTP status; the codes are the engine's own.</summary>
internal static class EngineProblems
{
    public static Problem Of(Refusal refusal, JobId? job = null)
    {
        var (status, title) = refusal.Kind switch
        {
            RefusalKind.Invalid => (400, "The call is not valid"),
            RefusalKind.NotFound => (404, "No such thing"),
            RefusalKind.Conflict => (409, "Not in the present state"),
            RefusalKind.NotFinished => (409, "The job has not finished"),
            RefusalKind.Expired => (410, "No longer kept"),
            RefusalKind.TooLarge => (413, "Too large"),
            RefusalKind.Mismatch => (422, "The idempotency key was used with another input"),
            RefusalKind.Unreachable => (422, "The deadline cannot be met"),
            RefusalKind.Limited => (429, "A limit is reached"),
            RefusalKind.NotCached => (504, "No answer is kept"),
            RefusalKind.Unavailable => (503, "No room now"),
            _ => throw new InvalidOperationException($"{refusal.Kind} has no HTTP status"),
        };
        return new Problem(new ProblemKind(refusal.Code, status, title), refusal.Message) { RetryAfter = refusal.RetryAfter, Job = job };
    }

    /// <summary>Of a database that cannot do its part: nothing of the call is kept, so the caller may come again.</summary>
    public static Problem Of(StorageException broken)
        => new(new ProblemKind(broken.Code, 503, "The database cannot take or give this now"), broken.Message) { RetryAfter = StorageRetryAfter };

    // A full disk or a lost file is mended by a person.
    private static readonly TimeSpan StorageRetryAfter = TimeSpan.FromSeconds(30);

    /// <summary>Of a call that was answered with a failure.</summary>
    public static Problem Of(Job job, Failure failure)
    {
        var (status, title) = Status(failure);
        return new Problem(new ProblemKind(failure.Code, status, title), failure.Message)
        {
            Job = job.Id,
            State = Words.Of(job.State),
            RetryAfter = failure.RetryAfter,
            MayPass = failure.Retryable,
        };
    }

    // By code where the code says more than its kind, else by kind.
    private static (int Status, string Title) Status(Failure failure) => failure.Code switch
    {
        "cancelled" or "abandoned" => (409, "The job was cancelled"),
        "expired" => (504, "The deadline passed"),
        // Recorded: who sends the same key again gets the same answer, so it must not ask for that.
        "node-lost" => (502, "The node stopped before the answer was recorded"),
        "snoozed" or "code-missing" or "handler-unserved" => (503, "Not to be had now"),
        "model-context-length" or "model-content-filter" or "model-refused" => (422, "The model does not take this input"),
        // Our own limits, not the models': who comes again when told is served, or must ask for less.
        "model-limit" => (503, "A limit of the model leaves no room now"),
        "model-over-limit" => (422, "The call is larger than the limit of the model"),
        "budget-exhausted" => (429, "A limit is reached"),
        "file-unknown" => (404, "No such file"),
        "template-failed" => (500, "The handler failed"),
        "input-too-large" or "citation-input-too-large" => (413, "The input is larger than the handler takes"),
        "media-type-unsupported" => (415, "The handler does not take this media type"),
        "input-invalid" or "file-empty" or "media-type-mismatch" => (400, "The handler refused the input"),
        _ => failure.Kind switch
        {
            FailureKind.Timeout => (504, "No answer within the timeout"),
            FailureKind.RateLimited or FailureKind.Unavailable => (502, "No model or service answered"),
            FailureKind.InvalidOutput => (502, "The answer of the model or service is not valid"),
            FailureKind.Permanent when IsUpstream(failure.Code) => (502, "The model or service refused"),
            FailureKind.Permanent => (422, "The work cannot be done for this input"),
            FailureKind.Bug => (500, "The handler failed"),
            _ => throw new InvalidOperationException($"{failure.Kind} has no HTTP status"),
        },
    };

    // Every other code is one that the author of the work chose for an input it refuses.
    private static bool IsUpstream(string code) => code is "data-not-allowed" or "result-too-large" or "tools-too-many"
        || code.StartsWith("handler-", StringComparison.Ordinal) || code.StartsWith("model-", StringComparison.Ordinal) || code.StartsWith("tool-", StringComparison.Ordinal)
        || code.StartsWith("output-", StringComparison.Ordinal);
}

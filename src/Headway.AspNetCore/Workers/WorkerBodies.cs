using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;
using Headway.Client;
using Headway.Jobs.Workers;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Workers;

/// <summary>Reads what workers send: nothing is guessed, and what has no meaning is said so.</summary>
internal static class WorkerBodies
{
    private const int MostFacts = 1_000;
    private const int LongestWord = 200;
    private const int LongestMessage = 4_000;

    private static readonly JsonSerializerOptions Strict = new(HeadwayJson.Wire.Options)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        AllowDuplicateProperties = false,
    };

    /// <summary>Null: a problem was written.</summary>
    public static async Task<T?> ReadAsync<T>(HttpContext context, long most, Func<T, string?> check) where T : class
    {
        var (problem, body) = await JsonBody.ReadAsync(context.Request, most, () => new Problem(ProblemKind.InputTooLarge, $"{context.Request.Path} takes at most {most} bytes."));
        if (problem is null)
        {
            try
            {
                var record = JsonSerializer.Deserialize(body.Span, (JsonTypeInfo<T>)Strict.GetTypeInfo(typeof(T)));
                var wrong = record is null ? "It is null, and must be an object." : check(record);
                if (wrong is null) return record;
                problem = Invalid(wrong);
            }
            catch (JsonException broken)
            {
                problem = Invalid(Reason(broken));
            }
        }

        await ProblemResponse.WriteAsync(context, problem);
        return null;
    }

    public static string? Check(WorkerClaimRecord claim)
    {
        if (claim.Features.Count is 0 or > MostFacts) return "`features` names what the worker does: at least one feature.";
        if (claim.Max is < 1 or > WorkerClaims.MostJobs) return $"`max` is 1 to {WorkerClaims.MostJobs}.";
        if (claim.Wait is not (>= 0 and <= 86_400)) return "`wait` is in seconds, 0 or more.";
        if (claim.Jobs is { } jobs && (jobs.Count > WorkerRenewals.MostJobs ? $"`jobs` names at most {WorkerRenewals.MostJobs}." : CheckAll(jobs)) is { } wrong) return wrong;
        return claim.Worker is { } name && !WorkerSessions.IsName(name) ? $"`worker` is a name of 1 to {WorkerSessions.LongestName} letters, digits and - _ . : / @." : null;
    }

    public static string? Check(WorkerRenewRecord renew) => renew.Jobs.Count > WorkerRenewals.MostJobs ? $"`jobs` names at most {WorkerRenewals.MostJobs}." : CheckAll(renew.Jobs);

    public static string? Check(WorkerReleaseRecord release) => release.Jobs is null ? null : release.Jobs.Count > WorkerRenewals.MostJobs ? $"`jobs` names at most {WorkerRenewals.MostJobs}." : CheckAll(release.Jobs);

    public static string? Check(WorkerFileRequestRecord file) => CheckAttempt(file.Job, file.Attempt);

    public static string? Check(WorkerAppendRecord append)
    {
        if ((append.Texts is null) == (append.Values is null)) return "Send either `texts` or `values`.";
        if ((append.Texts?.Count ?? append.Values!.Count) is 0 or > WorkerOutput.MostPieces) return $"Send 1 to {WorkerOutput.MostPieces} pieces at once.";
        if (append.Texts is { } texts && texts.Any(text => text is null)) return "A piece of `texts` is null.";
        return CheckId(append.Id) ?? CheckAttempt(append.Job, append.Attempt);
    }

    public static string? Check(WorkerProgressRecord progress)
    {
        if (progress.Done < 0 || progress.Total < 0) return "`done` and `total` are 0 or more.";
        if (progress.Note?.Length > LongestWord) return $"`note` has at most {LongestWord} characters.";
        return CheckId(progress.Id) ?? CheckAttempt(progress.Job, progress.Attempt);
    }

    public static string? Check(WorkerCompleteRecord complete)
    {
        if (complete.Result.ValueKind is not JsonValueKind.Undefined && complete.Text is not null) return "Send either `result` or `text`, or neither where the pieces that were appended are the result.";
        if (complete.Model?.Length > LongestWord) return $"`model` has at most {LongestWord} characters.";
        return CheckFacts(complete.Calls, complete.Disclosed) ?? CheckAttempt(complete.Job, complete.Attempt);
    }

    public static string? Check(WorkerFailRecord fail)
    {
        if (fail.Code.Length is 0 or > 64 || !fail.Code.All(sign => char.IsAsciiLetterLower(sign) || char.IsAsciiDigit(sign) || sign == '-')) return "`code` is stable and in kebab-case, such as registry-down; at most 64 characters.";
        if (fail.Message.Length is 0 or > LongestMessage) return $"`message` says what happened and the cure, in at most {LongestMessage} characters.";
        if (fail.RetryAfter is { } after && after is not (>= 0 and <= 86_400)) return "`retryAfter` is in seconds, 0 to a day.";
        return CheckFacts(fail.Calls, fail.Disclosed) ?? CheckAttempt(fail.Job, fail.Attempt);
    }

    /// <summary>Call after the record was checked.</summary>
    public static WorkerAttempt Attempt(string job, int attempt) => new(JobId.TryParse(job, out var id) ? id : default, attempt);

    public static WorkerFacts Facts(IReadOnlyList<WorkerCallRecord>? calls, IReadOnlyList<string>? disclosed, DateTimeOffset now) => new(
        [.. (calls ?? []).Select(call => new ModelCall(call.Model, null, now, new Usage(call.InputTokens, call.OutputTokens, call.Usd), null))], disclosed ?? []);

    private static string? CheckAll(IReadOnlyList<WorkerAttemptRecord> jobs) => jobs.Select(job => job is null ? "An entry of `jobs` is null." : CheckAttempt(job.Job, job.Attempt)).FirstOrDefault(wrong => wrong is not null);

    private static string? CheckAttempt(string job, int attempt)
        => !JobId.TryParse(job, out _) ? "`job` is the id of a job: job_ and 32 hex digits." : attempt < 1 ? "`attempt` is 1 for the first." : null;

    private static string? CheckId(long id) => id < 1 ? "`id` is 1 for the first piece of an attempt, and then what the answer before said." : null;

    private static string? CheckFacts(IReadOnlyList<WorkerCallRecord>? calls, IReadOnlyList<string>? disclosed)
    {
        if (calls?.Count > MostFacts || disclosed?.Count > MostFacts) return $"`calls` and `disclosed` have at most {MostFacts} entries.";
        if (calls is not null && calls.Any(call => call is null || call.Model.Length is 0 or > LongestWord || call.InputTokens < 0 || call.OutputTokens < 0 || call.Usd is < 0 or > 1_000_000))
            return "An entry of `calls` has a name for its model, and tokens and US dollars of 0 or more.";
        return disclosed is not null && disclosed.Any(recipient => recipient is null || recipient.Length is 0 or > LongestWord) ? $"An entry of `disclosed` is a recipient in 1 to {LongestWord} characters." : null;
    }

    private static Problem Invalid(string wrong) => new(ProblemKind.WorkerRequestInvalid, wrong);

    // The serialiser repeats the path behind its sentence.
    private static string Reason(JsonException broken)
    {
        var end = broken.Message.IndexOf(" Path: ", StringComparison.Ordinal);
        return $"It does not fit at {broken.Path ?? "$"}: {(end < 0 ? broken.Message : broken.Message[..end])}";
    }
}

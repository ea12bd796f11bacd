using System.Net;
using System.Text.Json;
using Headway.Models.Providers;

namespace Headway.Handlers.Http;

/// <summary>What an HTTP handler's failures are called, and whether they are worth another attempt (design: the feature file).</summary>
internal static class HttpFailures
{
    /// <summary>A service's own words are quoted up to this many characters.</summary>
    private const int LongestQuote = 500;

    /// <summary>A service that asks for a longer rest is asked again after this.</summary>
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromDays(1);

    /// <summary>Who says "at once" for "not yet" is not asked in a circle.</summary>
    private static readonly TimeSpan ShortestSnooze = TimeSpan.FromSeconds(1);

    public static Failure CircuitOpen(string place, TimeSpan retryAfter) =>
        Of("handler-circuit-open", FailureKind.Unavailable, place, $"Most of the last calls of {place} failed: it is left alone for a while.") with { RetryAfter = retryAfter };

    public static Failure DataNotAllowed(string place, string data) =>
        Of("data-not-allowed", FailureKind.Permanent, place, $"{place} does not declare allowedData for {data}: nothing was sent. Add it to the handler if the agreement with that service covers it.");

    public static Failure DataNoLongerAllowed(string place, string data) =>
        Of("data-not-allowed", FailureKind.Permanent, place, $"{place} was allowed {data} data when the job was accepted, and the feature file takes that back since: nothing was sent. Add it to allowedData of the handler if the agreement with that service covers it, and replay the job.");

    public static Failure HeaderMissing(string place, string variable) =>
        Of("handler-header-missing", FailureKind.Permanent, place, $"A header for {place} needs the environment variable {variable}, which is not set: nothing was sent.");

    public static Failure Unreachable(string place, HttpRequestException exception) =>
        Of("handler-unreachable", FailureKind.Unavailable, place, $"{place} could not be reached: {exception.HttpRequestError}. {Quote(exception.Message)}");

    public static Failure TimedOut(string place) => Of("handler-timeout", FailureKind.Timeout, place, $"{place} did not answer in time.");

    public static Failure Cut(string place) => Of("handler-cut", FailureKind.Unavailable, place, $"{place} broke off in the middle of its answer.");

    public static Failure Invalid(string place, string what) => Of("handler-answer-invalid", FailureKind.InvalidOutput, place, $"{place} {what}");

    /// <summary>An `event: error` in a stream that had begun well.</summary>
    public static Failure Reported(string place, string data)
    {
        var (detail, status) = Detail(data);
        var kind = status is >= 400 and < 500 and not 429 ? FailureKind.Permanent : FailureKind.Unavailable;
        return Of("handler-error", kind, place, $"{place} ended its stream with an error: {Quote(detail ?? data)}");
    }

    /// <summary>Anything but 2xx. <paramref name="body"/> is the beginning of what was said with it, empty if nothing.</summary>
    public static Failure OfStatus(string place, HttpResponseMessage response, string body, DateTimeOffset now)
    {
        var (code, _) = Of((int)response.StatusCode);
        var cure = code == "handler-redirected" ? $" Redirects are not followed: name the final address in the feature file{Target(response)}." : "";
        return Of(place, (int)response.StatusCode, "", IsProblem(response) ? Detail(body).Detail : null, cure, RetryAfter(response, now));
    }

    /// <summary>One member's error in the answer to a group; it means what its status means to a single call.</summary>
    public static Failure OfMember(string place, int status, JsonElement error) => Of(place, status, " for this one of a group", Detail(error), "", RetryAfter(error));

    /// <summary>202 with Retry-After is no answer yet: the service cannot begin, and says when to come back. Null: it is something else.</summary>
    public static Outcome.Snooze? NotYet(HttpResponseMessage response, DateTimeOffset now) =>
        response.StatusCode is HttpStatusCode.Accepted && RetryAfter(response, now) is { } delay ? Later(delay) : null;

    /// <summary>The same, said of one member of a group.</summary>
    public static Outcome.Snooze? NotYet(int status, JsonElement error) => status == (int)HttpStatusCode.Accepted && RetryAfter(error) is { } delay ? Later(delay) : null;

    private static Outcome.Snooze Later(TimeSpan delay) => new(delay > ShortestSnooze ? delay : ShortestSnooze);

    /// <summary>An exception of the call itself; null if it is none that a service can cause.</summary>
    public static Failure? OfException(string place, Exception exception) => exception switch
    {
        CappedStreamException => ResultSize.TooLarge(place),
        HttpRequestException request => Unreachable(place, request),
        OperationCanceledException { InnerException: TimeoutException } => TimedOut(place),
        IOException => Cut(place),
        _ => null,
    };

    private static Failure Of(string place, int status, string whose, string? detail, string cure, TimeSpan? retryAfter)
    {
        var (code, kind) = Of(status);
        return Of(code, kind, place, $"{place} answered {status}{whose}{(detail is null ? "." : $": {Quote(detail)}")}{cure}") with
        {
            RetryAfter = code is "handler-rate-limited" or "handler-unavailable" ? retryAfter : null,
            Fingerprint = Failure.Print(code, place, status.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        };
    }

    private static (string Code, FailureKind Kind) Of(int status) => status switch
    {
        < 200 => ("handler-answer-invalid", FailureKind.InvalidOutput),
        < 400 => ("handler-redirected", FailureKind.Permanent),
        (int)HttpStatusCode.TooManyRequests => ("handler-rate-limited", FailureKind.RateLimited),
        // The caller's input was refused, which the caller can mend; any other 4xx is between the feature file and the service.
        400 or 409 or 413 or 415 or 422 => ("input-refused", FailureKind.Permanent),
        < 500 => ("handler-refused", FailureKind.Permanent),
        (int)HttpStatusCode.ServiceUnavailable => ("handler-unavailable", FailureKind.Unavailable),
        _ => ("handler-error", FailureKind.Unavailable),
    };

    private static Failure Of(string code, FailureKind kind, string place, string sentence) =>
        new() { Code = code, Kind = kind, Message = sentence, Fingerprint = Failure.Print(code, place) };

    private static bool IsProblem(HttpResponseMessage response) => response.Content.Headers.ContentType?.MediaType is "application/problem+json" or "application/json";

    /// <summary>What problem details (RFC 9457) say, or a plain `{"error":"…"}` or `{"message":"…"}`.</summary>
    private static (string? Detail, int? Status) Detail(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object) return (null, null);
            var status = root.TryGetProperty("status", out var number) && number.ValueKind == JsonValueKind.Number && number.TryGetInt32(out var value) ? value : (int?)null;
            return (Detail(root), status);
        }
        catch (JsonException)
        {
            return (null, null);
        }
    }

    private static string? Detail(JsonElement problem) => Text(problem, "detail") ?? Text(problem, "title") ?? Text(problem, "error") ?? Text(problem, "message");

    private static string? Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string Target(HttpResponseMessage response) =>
        response.Headers.Location is { IsAbsoluteUri: true } location ? $" ({location.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)})" : "";

    private static TimeSpan? RetryAfter(HttpResponseMessage response, DateTimeOffset now)
    {
        var asked = response.Headers.RetryAfter;
        return (asked?.Delta ?? asked?.Date - now) is { } delay ? Bounded(delay.TotalSeconds) : null;
    }

    private static TimeSpan? RetryAfter(JsonElement error) =>
        error.TryGetProperty("retryAfter", out var seconds) && seconds.ValueKind == JsonValueKind.Number && seconds.TryGetDouble(out var asked) ? Bounded(asked) : null;

    private static TimeSpan Bounded(double seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, LongestRetryAfter.TotalSeconds));

    private static string Quote(string text) => text.Length <= LongestQuote ? text : text[..LongestQuote] + "…";
}

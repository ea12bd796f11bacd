using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Headway.AspNetCore.Errors;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.OpenAi;

/// <summary>A problem in the form that clients of the OpenAI API know: `{"error":{"message","type","param","code"}}`, always with all four.</summary>
/// <remarks>Source: the OpenAI API reference, "Error codes", and what its SDKs do by themselves: they come again two times on 408, 409, 429 and 5xx unless
/// `x-should-retry` says otherwise, after `retry-after-ms` or `Retry-After`, of which they heed at most two minutes.</remarks>
internal static class OpenAiError
{
    // Beyond it the SDKs come again when they like.
    private static readonly TimeSpan LongestRetryAfter = TimeSpan.FromSeconds(120);

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteAsync(HttpContext context, Problem problem)
    {
        var (response, status) = (context.Response, StatusOf(problem.Kind));
        response.StatusCode = status;
        response.ContentType = Json.MediaType;
        var headers = response.Headers;
        headers.CacheControl = "no-store";
        if (problem.Allow is { } allow) headers.Allow = allow;
        if (problem.Job is { } job) headers["Headway-Job"] = job.ToString();
        var comesAgain = problem.MayPass && problem.RetryAfter is not { } pause || problem.RetryAfter <= LongestRetryAfter;
        headers["x-should-retry"] = comesAgain ? "true" : "false";
        if (problem.RetryAfter is { } delay)
        {
            headers.RetryAfter = ProblemResponse.Seconds(delay);
            headers["retry-after-ms"] = Math.Max(1, (long)Math.Ceiling(delay.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture);
        }

        using (var json = new Utf8JsonWriter(response.BodyWriter, Readable))
        {
            json.WriteStartObject();
            WriteError(json, problem);
            json.WriteEndObject();
        }

        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>The event that ends a stream which cannot go on: nested for most clients, and flat for those that look at the event itself.</summary>
    public static byte[] Event(Problem problem)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            json.WriteString("type", "error");
            WriteFields(json, problem, withType: false);
            WriteError(json, problem);
            // Some clients, OpenAI's own for .NET among them, know no errors in a stream: to them this is a chunk that cannot be read, and never an end.
            json.WriteNull("choices");
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    /// <summary>The same over a WebSocket, where the status has no other place.</summary>
    public static byte[] Message(Problem problem)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Readable))
        {
            json.WriteStartObject();
            json.WriteString("type", "error");
            json.WriteNumber("status", StatusOf(problem.Kind));
            WriteError(json, problem);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }

    private static void WriteError(Utf8JsonWriter json, Problem problem)
    {
        json.WriteStartObject("error");
        WriteFields(json, problem, withType: true);
        json.WriteEndObject();
    }

    private static void WriteFields(Utf8JsonWriter json, Problem problem, bool withType)
    {
        json.WriteString("message", problem.Detail);
        if (withType) json.WriteString("type", TypeOf(problem));
        json.WriteString("param", problem.Param ?? (problem.Errors is [var first, ..] ? first.Pointer : null));
        json.WriteString("code", CodeOf(problem.Kind.Code));
    }

    // Their clients know no 422 of a model and no 421; whoever sends such a request is at fault.
    public static int StatusOf(ProblemKind kind) => kind.Status is 422 or 421 ? StatusCodes.Status400BadRequest : kind.Status;

    private static string TypeOf(Problem problem) => problem.Kind.Status switch
    {
        401 => "authentication_error",
        403 => "permission_error",
        429 => problem.Kind.Code == "budget-exhausted" ? "insufficient_quota" : "rate_limit_error",
        < 500 => "invalid_request_error",
        _ => "server_error",
    };

    /// <summary>Where OpenAI has a code of its own for it, clients look for that; anything else keeps ours.</summary>
    public static string CodeOf(string code) => code switch
    {
        "feature-unknown" or "version-unknown" => "model_not_found",
        "model-context-length" => "context_length_exceeded",
        "model-content-filter" => "content_filter",
        "budget-exhausted" => "insufficient_quota",
        "response-unknown" => "response_not_found",
        "previous-response-unknown" => "previous_response_not_found",
        "key-missing" or "key-invalid" or "key-revoked" or "key-expired" or "token-invalid" => "invalid_api_key",
        "connection-too-old" => "websocket_connection_limit_reached",
        "model-rate-limited" or "model-limit" or "tenant-rate-limit" or "key-rate-limit" => "rate_limit_exceeded",
        _ => code,
    };
}

using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using Headway.AspNetCore.OpenAi;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Errors;

/// <summary>Writes a <see cref="Problem"/> as application/problem+json.</summary>
internal static class ProblemResponse
{
    public const string MediaType = "application/problem+json";

    /// <summary>Where a problem's kind is explained; the `type` of the problem.</summary>
    public const string TypePrefix = "/v1/problems/";

    // Details quote what callers sent; the relaxed encoder keeps them readable and nothing here is ever shown as HTML.
    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static async Task WriteAsync(HttpContext context, Problem problem)
    {
        var response = context.Response;
        if (response.HasStarted)
        {
            // The status is gone: only a cut connection still says that this is not the whole answer.
            context.Abort();
            return;
        }

        if (context.GetEndpoint()?.Metadata.GetMetadata<SpeaksOpenAi>() is not null)
        {
            await OpenAiError.WriteAsync(context, problem);
            return;
        }

        response.StatusCode = problem.Kind.Status;
        response.ContentType = MediaType;
        response.Headers.CacheControl = "no-store";
        if (problem.Allow is { } allow) response.Headers.Allow = allow;
        if (problem.RetryAfter is { } delay) response.Headers.RetryAfter = Seconds(delay);
        using (var json = new Utf8JsonWriter(response.BodyWriter, Readable)) Write(json, problem, context.Request.Path);
        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>Whole seconds, at least one: a Retry-After of zero would invite a storm.</summary>
    public static string Seconds(TimeSpan delay) => Math.Max(1, (long)Math.Ceiling(delay.TotalSeconds)).ToString(CultureInfo.InvariantCulture);

    public static void Write(Utf8JsonWriter json, Problem problem, string? instance)
    {
        json.WriteStartObject();
        json.WriteString("type", TypePrefix + problem.Kind.Code);
        json.WriteString("title", problem.Kind.Title);
        json.WriteNumber("status", problem.Kind.Status);
        json.WriteString("detail", problem.Detail);
        if (instance is not null) json.WriteString("instance", instance);
        json.WriteString("code", problem.Kind.Code);
        if (problem.Job is { } job) json.WriteString("job", job.ToString());
        if (problem.State is { } state) json.WriteString("state", state);
        if (problem.Trace is { } trace) json.WriteString("trace", trace);
        if (problem.Errors.Count > 0) WriteErrors(json, problem.Errors);
        json.WriteEndObject();
    }

    private static void WriteErrors(Utf8JsonWriter json, IReadOnlyList<InputError> errors)
    {
        json.WriteStartArray("errors");
        foreach (var error in errors)
        {
            json.WriteStartObject();
            json.WriteString("pointer", error.Pointer);
            json.WriteString("rule", error.Rule);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}

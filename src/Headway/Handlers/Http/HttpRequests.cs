using System.Globalization;
using System.Net.Http.Headers;
using Headway.Features;

namespace Headway.Handlers.Http;

/// <summary>Makes the request of one attempt: what the service is sent, and the headers that say for whom and until when.</summary>
internal static class HttpRequests
{
    public static async ValueTask<HttpRequestMessage> MakeAsync(HttpDefinition definition, Attempt attempt, CancellationToken stop)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, definition.Url);
        try
        {
            request.Content = await BodyAsync(attempt.Input, stop).ConfigureAwait(false);
        }
        catch
        {
            request.Dispose();
            throw;
        }
        var headers = request.Headers;
        Add(headers, "Accept", "application/json, text/event-stream, */*;q=0.5");
        Add(headers, "Headway-Job", attempt.Job.ToString());
        Add(headers, "Headway-Attempt", attempt.Number.ToString(CultureInfo.InvariantCulture));
        Add(headers, "Headway-Feature", attempt.Feature.FullName);
        Add(headers, "Headway-Tenant", attempt.Tenant);
        Add(headers, "Headway-Subject", attempt.Subject);
        Add(headers, "Headway-Deadline", Written(DeadlineOf(attempt)));
        // The same on every attempt, and no other work has it: a service that remembers keys works once.
        Add(headers, "Idempotency-Key", attempt.Key);
        Add(headers, "traceparent", attempt.TraceParent);
        return request;
    }

    /// <summary>The file's own headers. The answer is the name of a missing environment variable, or null.</summary>
    public static string? AddDeclared(HttpRequestMessage request, HttpDefinition definition, Func<string, string?> environment)
    {
        foreach (var (name, template) in definition.Headers)
        {
            if (HeaderTemplate.Fill(template, environment, out var value) is { } missing) return missing;
            request.Headers.Remove(name);
            // Secrets that were mounted as files often end in a newline, which no header may hold.
            request.Headers.TryAddWithoutValidation(name, value.Trim());
        }
        return null;
    }

    private static async ValueTask<HttpContent> BodyAsync(JobInput input, CancellationToken stop)
    {
        if (input.Files.Count == 0) return Json(input.Json);

        var form = new MultipartFormDataContent();
        try
        {
            form.Add(Json(input.Json), "input");
            foreach (var file in input.Files)
            {
                var content = new StreamContent(await file.Open(stop).ConfigureAwait(false));
                content.Headers.ContentLength = file.Length;
                content.Headers.ContentType = MediaTypeHeaderValue.TryParse(file.MediaType, out var type) ? type : new MediaTypeHeaderValue("application/octet-stream");
                form.Add(content, HeaderText.Encode(file.Name), file.FileName is { Length: > 0 } name ? HeaderText.Encode(name) : file.Name);
            }
            return form;
        }
        catch
        {
            form.Dispose();
            throw;
        }
    }

    public static ReadOnlyMemoryContent Json(ReadOnlyMemory<byte> json) => new(json) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };

    /// <summary>When nobody reads the answer any more.</summary>
    public static DateTimeOffset DeadlineOf(Attempt attempt) => attempt.Deadline < attempt.Until ? attempt.Deadline.Value : attempt.Until;

    public static string Written(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.fffZ", CultureInfo.InvariantCulture);

    public static void Add(HttpRequestHeaders headers, string name, string? value)
    {
        if (value is not null) headers.TryAddWithoutValidation(name, HeaderText.Encode(value));
    }
}

using System.Globalization;
using System.Net.Http.Headers;

namespace Headway.Client;

/// <summary>The headers in which a call says what it asks of the contract.</summary>
internal static class CallHeaders
{
    public static void Add(HttpRequestHeaders headers, CallOptions options)
    {
        // Prefer counts in whole seconds (RFC 7240); a wait is a wish, so rounding up is in its spirit.
        if (options.Async) headers.TryAddWithoutValidation("Prefer", "respond-async");
        else if (options.Wait is { } wait) headers.TryAddWithoutValidation("Prefer", string.Create(CultureInfo.InvariantCulture, $"wait={Math.Ceiling(wait.TotalSeconds):0}"));

        Add(headers, "Idempotency-Key", options.IdempotencyKey);
        Add(headers, "Headway-Subject", options.Subject);
        Add(headers, "Headway-Priority", options.Priority?.ToString(CultureInfo.InvariantCulture));
        Add(headers, "Headway-Deadline", options.Deadline is { } deadline ? Duration(deadline) : null);
        Add(headers, "Headway-Start-At", options.Delay is { } delay ? Duration(delay) : null);
        Add(headers, "Headway-Unique", options.Unique);
        Add(headers, "Headway-Debounce", options.Debounce);
        Add(headers, "Headway-Endpoint", options.Endpoint);
        Add(headers, "Headway-Metadata", options.Metadata);
    }

    public static string? First(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;

    // The header takes nine digits at most: days in milliseconds would not fit.
    private static string Duration(TimeSpan span) => span < TimeSpan.FromDays(1)
        ? string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(span.TotalMilliseconds):0}ms")
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Ceiling(span.TotalSeconds):0}s");

    private static void Add(HttpRequestHeaders headers, string name, string? value)
    {
        if (value is null) return;
        if (value.AsSpan().IndexOfAnyExceptInRange(' ', '~') >= 0 || !headers.TryAddWithoutValidation(name, value))
            throw new ArgumentException($"{name} cannot carry this value: header values are printable ASCII.", nameof(value));
    }
}

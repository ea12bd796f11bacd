using System.Globalization;
using System.Net.Http.Headers;

namespace Headway.Models.Providers;

/// <summary>When an upstream wants to be asked again: Retry-After in seconds or as a date (RFC 9110, 10.2.3), or the finer retry-after-ms.</summary>
internal static class RetryAfter
{
    /// <summary>Beyond this an upstream does not mean a pause.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    public static TimeSpan? Of(HttpResponseHeaders headers, DateTimeOffset now)
    {
        if (headers.TryGetValues("retry-after-ms", out var values)
            && double.TryParse(values.First(), NumberStyles.Float, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds >= 0 && milliseconds < Longest.TotalMilliseconds)
            return TimeSpan.FromMilliseconds(milliseconds);
        var wait = headers.RetryAfter switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - now,
            _ => (TimeSpan?)null,
        };
        return wait is null ? null : wait < TimeSpan.Zero ? TimeSpan.Zero : wait > Longest ? Longest : wait;
    }
}

using System.Globalization;
using System.Net.Http.Headers;

namespace Headway.Models.Providers.Anthropic;

/// <summary>What the provider says is left: `anthropic-ratelimit-requests-remaining`, `-reset`, the same for tokens.</summary>
/// <remarks>Source: platform.claude.com/docs/en/api/rate-limits. The headers on `tokens` are those of the narrowest limit, input or output.</remarks>
internal static class AnthropicLimits
{
    public static UpstreamLimits? Of(HttpResponseHeaders headers, DateTimeOffset now)
    {
        var limits = new UpstreamLimits
        {
            RemainingRequests = Count(headers, "anthropic-ratelimit-requests-remaining"),
            RequestsReset = Time(headers, "anthropic-ratelimit-requests-reset", now),
            RemainingTokens = Count(headers, "anthropic-ratelimit-tokens-remaining"),
            TokensReset = Time(headers, "anthropic-ratelimit-tokens-reset", now),
        };
        return limits == new UpstreamLimits() ? null : limits;
    }

    private static long? Count(HttpResponseHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) && long.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? count : null;

    /// <summary>A time of RFC 3339 by the provider's clock; what has passed by ours is now.</summary>
    private static TimeSpan? Time(HttpResponseHeaders headers, string name, DateTimeOffset now)
    {
        if (!headers.TryGetValues(name, out var values) || !DateTimeOffset.TryParse(values.First(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var at))
            return null;
        return at > now ? at - now : TimeSpan.Zero;
    }
}

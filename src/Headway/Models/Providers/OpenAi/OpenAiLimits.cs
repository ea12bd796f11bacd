using System.Globalization;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;

namespace Headway.Models.Providers.OpenAi;

/// <summary>What is left of a provider's limits, as x-ratelimit-* tells: with every answer, refusals included.</summary>
internal static partial class OpenAiLimits
{
    /// <summary>Limits are by the minute or the day; what says more is no pause.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    /// <summary>Plain numbers from here on are moments since 1970, in seconds or in milliseconds; smaller ones are seconds from now.</summary>
    private const double FirstMoment = 1e9;
    private const double FirstMomentInMilliseconds = 1e12;

    [GeneratedRegex(@"^(?:(?<number>\d+(?:\.\d+)?)(?<unit>ns|us|µs|μs|ms|s|m|h|d))+$", RegexOptions.CultureInvariant)]
    private static partial Regex Duration { get; }

    /// <summary>Null: the server says nothing.</summary>
    public static UpstreamLimits? Of(HttpResponseHeaders headers, DateTimeOffset now)
    {
        var limits = new UpstreamLimits
        {
            RemainingRequests = Remaining(Value(headers, "x-ratelimit-remaining-requests")),
            RequestsReset = Reset(Value(headers, "x-ratelimit-reset-requests"), now),
            RemainingTokens = Remaining(Value(headers, "x-ratelimit-remaining-tokens")),
            TokensReset = Reset(Value(headers, "x-ratelimit-reset-tokens"), now),
        };
        return limits == new UpstreamLimits() ? null : limits;
    }

    /// <summary>Azure says -1 where it does not know.</summary>
    public static long? Remaining(string? text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var left) ? left : null;

    /// <summary>OpenAI and most write durations as Go does (`6m0s`, `120ms`), Azure seconds, others a date or a moment.</summary>
    public static TimeSpan? Reset(string? text, DateTimeOffset now)
    {
        text = text?.Trim();
        if (string.IsNullOrEmpty(text))
            return null;
        if (double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return number >= FirstMomentInMilliseconds ? Bounded((number / 1000) - now.ToUnixTimeSeconds())
                : Bounded(number >= FirstMoment ? number - now.ToUnixTimeSeconds() : number);
        }

        if (Duration.Match(text) is { Success: true } match)
        {
            var units = match.Groups["unit"].Captures;
            return Bounded(match.Groups["number"].Captures.Select((part, at) => double.Parse(part.ValueSpan, CultureInfo.InvariantCulture) * Seconds(units[at].Value)).Sum());
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var moment) && text.Length >= "2026-01-01".Length
            ? Bounded((moment - now).TotalSeconds)
            : null;
    }

    private static string? Value(HttpResponseHeaders headers, string name) => headers.TryGetValues(name, out var values) ? values.First() : null;

    private static TimeSpan Bounded(double seconds) => seconds <= 0 ? TimeSpan.Zero : seconds >= Longest.TotalSeconds ? Longest : TimeSpan.FromSeconds(seconds);

    private static double Seconds(string unit) => unit switch
    {
        "d" => 86_400,
        "h" => 3_600,
        "m" => 60,
        "s" => 1,
        "ms" => 1e-3,
        "ns" => 1e-9,
        _ => 1e-6,
    };
}

using System.Globalization;
using Headway.Features;

namespace Headway.AspNetCore.Features.Headers;

/// <summary>A point of time as headers give it: a duration from now (`30s`, `5m`, `2h`, `3d`, `500ms`) or a time of RFC 3339 with its offset.</summary>
internal static class Moment
{
    public const string Rule = "It is a duration such as 30s, 5m, 2h or 3d, or a time such as 2026-03-01T12:00:00Z, in the future and at most a year ahead.";

    private static readonly TimeSpan Farthest = TimeSpan.FromDays(366);

    private static readonly string[] Formats = ["yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"];

    public static bool TryParse(string text, DateTimeOffset now, out DateTimeOffset moment)
    {
        moment = default;
        if (Duration.TryParse(text, out var duration)) moment = now + (duration < Farthest ? duration : Farthest * 2);
        else if (!TryTime(text, out moment)) return false;
        return moment > now && moment - now <= Farthest;
    }

    /// <summary>Only times that say their offset: a local time would mean the server's, which no caller knows.</summary>
    public static bool TryTime(string text, out DateTimeOffset moment)
        => DateTimeOffset.TryParseExact(text, Formats, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out moment)
            && (text.EndsWith('Z') || text.AsSpan(10).ContainsAny('+', '-'));
}

using Headway.Features;
using Headway.Jobs.Accepting;

namespace Headway.AspNetCore.Features.Headers;

/// <summary>The headers `Headway-Unique` and `Headway-Debounce`: a key as of `Idempotency-Key`, and durations behind semicolons.</summary>
internal static class HeldKeys
{
    public const string UniqueRule = "It is a key and, if it is to hold when the job has ended, for how long after acceptance: KEY or KEY; for=1h (30 days at most).";
    public const string DebounceRule = "It is a key, for how long no other call may come, and how long that may go on: KEY; for=30s; max=5m. `for` is a day at most; `max` is ten times as much if it is left out, and 7 days at most.";

    private static readonly TimeSpan LongestWindow = TimeSpan.FromDays(30);
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);
    private static readonly TimeSpan LongestWait = TimeSpan.FromDays(7);

    public static bool TryParseUnique(string text, out UniqueWish? wish)
    {
        wish = null;
        if (!TrySplit(text, out var key, out var terms) || terms.Keys.Any(name => name is not "for")) return false;
        TimeSpan? window = terms.TryGetValue("for", out var said) ? said : null;
        if (window > LongestWindow) return false;
        wish = new UniqueWish(key, window);
        return true;
    }

    public static bool TryParseDebounce(string text, out DebounceWish? wish)
    {
        wish = null;
        if (!TrySplit(text, out var key, out var terms) || terms.Keys.Any(name => name is not ("for" or "max"))) return false;
        if (!terms.TryGetValue("for", out var pause) || pause > LongestPause) return false;
        var most = terms.TryGetValue("max", out var said) ? said : TimeSpan.FromTicks(Math.Min(pause.Ticks * 10, LongestWait.Ticks));
        if (most < pause || most > LongestWait) return false;
        wish = new DebounceWish(key, pause, most);
        return true;
    }

    private static bool TrySplit(string text, out string key, out Dictionary<string, TimeSpan> terms)
    {
        (key, terms) = ("", new Dictionary<string, TimeSpan>(StringComparer.Ordinal));
        var end = EndOfKey(text);
        if (!IdempotencyKey.TryParse(text[..end].Trim(), out key)) return false;
        foreach (var term in text[end..].Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = term.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0 || !Duration.TryParse(term[(equals + 1)..], out var duration) || duration <= TimeSpan.Zero || !terms.TryAdd(term[..equals], duration)) return false;
        }

        return true;
    }

    // A key in quotes may hold semicolons.
    private static int EndOfKey(string text)
    {
        var from = 0;
        if (text.StartsWith('"'))
        {
            for (from = 1; from < text.Length && text[from] != '"'; from++)
            {
                if (text[from] == '\\') from++;
            }
        }

        var end = from < text.Length ? text.IndexOf(';', from) : -1;
        return end < 0 ? text.Length : end;
    }
}

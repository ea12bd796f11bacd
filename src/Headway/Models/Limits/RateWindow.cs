using Headway.Features;

namespace Headway.Models.Limits;

/// <summary>Whether a minute's limit has room: pure arithmetic on what was granted in which second.</summary>
/// <remarks>
/// A grant made in the second b is counted in the second b + 1 and may be used until that one ends, so a use in the second u is counted in u or
/// u + 1. Any stretch of 60 s touches at most 61 seconds, f to f + 60, and what is used in it is counted in f to f + 61. A grant counted in c is made
/// only if all that is counted in c - 61 to c, itself included, is within the limit. Take the last grant that is used in the stretch: its c is at
/// most f + 61, so its sum held everything counted from f on. Hence invariant: no stretch of 60 s, wherever it begins, sees more used than the limit.
/// </remarks>
internal static class RateWindow
{
    /// <summary>Seconds in which a grant counts: sixty, the one that is passing, and the one in which it may be used late.</summary>
    public const int Counts = 62;

    /// <summary>A slice takes no more than this share of what is left, so that nobody takes the last of it ahead of its need.</summary>
    private const int Share = 2;

    /// <summary>The second in which a grant made now is counted.</summary>
    public static long SecondOf(long now) => (now / 1000) + 1;

    /// <summary>How long a grant made now may be used.</summary>
    public static TimeSpan UsableFor(long now) => TimeSpan.FromMilliseconds(((SecondOf(now) + 1) * 1000) - now);

    /// <summary>The last second that no longer counts for a grant made now.</summary>
    public static long LastPassed(long now) => SecondOf(now) - Counts;

    /// <summary>When what was counted in a second counts no more, in milliseconds since 1970.</summary>
    public static long PassesAt(long second) => (second + Counts - 1) * 1000;

    /// <summary>What may be granted; nothing if the first who waits would not be served by it.</summary>
    /// <param name="least">Tokens that the first who waits needs.</param>
    public static (long Requests, long Tokens) Grant(IReadOnlyList<Granted> counted, ModelLimits limits, long requests, long tokens, long least)
    {
        var left = (limits.RequestsPerMinute ?? long.MaxValue) - counted.Sum(second => second.Requests);
        var leftTokens = (limits.TokensPerMinute ?? long.MaxValue) - counted.Sum(second => second.Tokens);
        return left < 1 || leftTokens < least ? (0, 0) : (Math.Min(requests, Math.Max(1, left / Share)), Math.Min(tokens, Math.Max(least, leftTokens / Share)));
    }

    /// <summary>When so much more will have room, in milliseconds since 1970, if nothing else is granted until then.</summary>
    /// <param name="counted">In the order of their seconds.</param>
    public static (long Requests, long Tokens) FreeAt(IReadOnlyList<Granted> counted, ModelLimits limits, long requests, long tokens, long now) =>
        (FreeAt(counted, limits.RequestsPerMinute, requests, now, static second => second.Requests), FreeAt(counted, limits.TokensPerMinute, tokens, now, static second => second.Tokens));

    private static long FreeAt(IReadOnlyList<Granted> counted, int? limit, long more, long now, Func<Granted, long> amount)
    {
        if (limit is not { } most || more <= 0) return now;
        // What needs more than one minute comes after whole minutes.
        var (minutes, rest) = Math.DivRem(more - 1, most);
        var over = counted.Sum(amount) + rest + 1 - most;
        var at = now;
        for (var i = 0; i < counted.Count && over > 0; i++)
        {
            over -= amount(counted[i]);
            at = Math.Max(now, PassesAt(counted[i].Second));
        }
        return at + (minutes * Counts * 1000);
    }
}

/// <summary>What was granted and is counted in one second.</summary>
internal readonly record struct Granted(long Second, long Requests, long Tokens);

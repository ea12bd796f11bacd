using System.Globalization;
using Headway.Jobs.Accepting;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Features;

/// <summary>Says what the cache did for a call: `Age` (RFC 9111, section 5.1) and `Cache-Status` (RFC 9211).</summary>
internal static class CacheStatus
{
    /// <param name="use">Null: the feature has no cache.</param>
    /// <param name="holdsAnswer">The response holds the answer: a job, which is what a 202 holds, is never old.</param>
    public static void Tell(IHeaderDictionary headers, CacheUse? use, bool holdsAnswer)
    {
        if (use is not { } told) return;
        if (holdsAnswer && told.Kind is CacheUseKind.Hit or CacheUseKind.Joined) headers.Age = Seconds(told.Age);
        headers["Cache-Status"] = Of(told);
    }

    public static string Of(CacheUse use) => use.Kind switch
    {
        CacheUseKind.Hit => $"headway; hit; ttl={Seconds(use.Left)}",
        CacheUseKind.Joined => "headway; fwd=miss; collapsed",
        CacheUseKind.Miss => "headway; fwd=miss" + Stored(use),
        CacheUseKind.AskedAnew => "headway; fwd=request" + Stored(use),
        _ => "headway; fwd=bypass",
    };

    private static string Stored(CacheUse use) => use.Stored ? "; stored" : "";

    private static string Seconds(TimeSpan span) => Math.Floor(span.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);
}

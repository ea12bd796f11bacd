using System.Globalization;
using Headway.Jobs.Accepting;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Features;

/// <summary>Says what the cache did for a call: `Age` (RFC 9111, section 5.1) and `Cache-Status` (RFC 9211).</summary>
internal static class CacheStatus
{
    public static void Tell(IHeaderDictionary headers, CacheUse use)
    {
        if (use.Kind is CacheUseKind.Hit or CacheUseKind.Joined) headers.Age = Seconds(use.Age);
        headers["Cache-Status"] = Of(use);
    }

    public static string Of(CacheUse use) => use.Kind switch
    {
        CacheUseKind.Hit => $"headway; hit; ttl={Seconds(use.Left ?? TimeSpan.Zero)}",
        CacheUseKind.Joined => "headway; fwd=miss; collapsed",
        CacheUseKind.Miss => "headway; fwd=miss",
        CacheUseKind.AskedAnew => "headway; fwd=request",
        _ => "headway; fwd=bypass",
    };

    private static string Seconds(TimeSpan span) => Math.Floor(span.TotalSeconds).ToString("0", CultureInfo.InvariantCulture);
}

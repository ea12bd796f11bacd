using System.Globalization;
using Headway.Access;
using Headway.Models.Limits;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore;

/// <summary>Tells a caller how many calls its tenant and its key have left, where they are limited: `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers).</summary>
internal static class RateFields
{
    public static void Tell(HttpContext context, Engine engine, Caller caller)
    {
        if (context.Response.HasStarted) return;
        Tell(context.Response.Headers, "tenant", engine.RateOf(caller));
        if (caller.RequestsPerMinute is not null) Tell(context.Response.Headers, "key", engine.RateOfKeyOf(caller));
    }

    private static void Tell(IHeaderDictionary headers, string policy, (int Limit, RateLeft Left)? known)
    {
        if (known is not { } rate) return;
        Add(headers, "RateLimit-Policy", string.Create(CultureInfo.InvariantCulture, $"\"{policy}\";q={rate.Limit};w=60"));
        Add(headers, "RateLimit", string.Create(CultureInfo.InvariantCulture, $"\"{policy}\";r={rate.Left.Calls};t={Math.Ceiling(rate.Left.Until.TotalSeconds)}"));
    }

    // A list of structured fields (RFC 9651): one line with commas is what every reader takes.
    private static void Add(IHeaderDictionary headers, string name, string item) => headers[name] = headers.TryGetValue(name, out var before) && before.Count > 0 ? $"{before}, {item}" : item;
}

using System.Globalization;
using Headway.Access;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore;

/// <summary>Tells a caller how many calls its tenant has left, where the feature file limits them: `RateLimit` and `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers).</summary>
internal static class RateFields
{
    public static void Tell(HttpContext context, Engine engine, Caller caller)
    {
        if (context.Response.HasStarted || engine.RateOf(caller) is not { } rate) return;
        var headers = context.Response.Headers;
        headers["RateLimit-Policy"] = string.Create(CultureInfo.InvariantCulture, $"\"tenant\";q={rate.Limit};w=60");
        headers["RateLimit"] = string.Create(CultureInfo.InvariantCulture, $"\"tenant\";r={rate.Left.Calls};t={Math.Ceiling(rate.Left.Until.TotalSeconds)}");
    }
}

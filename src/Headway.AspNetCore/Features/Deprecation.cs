using System.Globalization;
using Headway.Features;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Features;

/// <summary>Tells callers of a version that is on its way out: Deprecation (RFC 9745) and Sunset (RFC 8594).</summary>
internal static class Deprecation
{
    public static void Tell(IHeaderDictionary headers, FeatureVersion version)
    {
        if (version.Deprecated is { } deprecated) headers["Deprecation"] = string.Create(CultureInfo.InvariantCulture, $"@{Midnight(deprecated).ToUnixTimeSeconds()}");
        if (version.Sunset is { } sunset) headers["Sunset"] = Midnight(sunset).ToString("R", CultureInfo.InvariantCulture);
        if (version.Deprecated is not null || version.Sunset is not null) headers.Link = $"</v1/features/{version.Feature}>; rel=\"successor-version\"";
    }

    private static DateTimeOffset Midnight(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);
}

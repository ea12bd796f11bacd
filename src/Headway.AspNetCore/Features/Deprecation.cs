using System.Globalization;
using Headway.Features;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Features;

/// <summary>Tells callers of a version that is on its way out: Deprecation (RFC 9745), Sunset (RFC 8594) and the version to move to (RFC 5829).</summary>
internal static class Deprecation
{
    public static void Tell(IHeaderDictionary headers, FeatureVersion version, FeatureVersion latest)
    {
        if (version.Deprecated is null && version.Sunset is null) return;
        if (version.Deprecated is { } deprecated) headers["Deprecation"] = string.Create(CultureInfo.InvariantCulture, $"@{Midnight(deprecated).ToUnixTimeSeconds()}");
        if (version.Sunset is { } sunset) headers["Sunset"] = Midnight(sunset).ToString("R", CultureInfo.InvariantCulture);
        if (version != latest) headers.Link = $"<{latest.Route ?? $"/v1/features/{latest.FullName}"}>; rel=\"successor-version\"";
    }

    private static DateTimeOffset Midnight(DateOnly day) => new(day, TimeOnly.MinValue, TimeSpan.Zero);
}

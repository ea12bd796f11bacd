namespace Headway.Features.Reading;

/// <summary>A route of the file may shadow neither a built-in one nor another of the file.</summary>
internal static class RouteCheck
{
    /// <summary>Everything below these is Headway's own.</summary>
    public static readonly IReadOnlyList<string> BuiltIn =
    [
        "/v1/features", "/v1/jobs", "/v1/dead-letters", "/v1/ws", "/v1/chat", "/v1/completions", "/v1/responses", "/v1/embeddings", "/v1/models", "/v1/files",
        "/v1/uploads", "/v1/batches", "/v1/schedules", "/v1/worker", "/v1/admin", "/v1/events", "/v1/audit", "/health", "/metrics", "/openapi", "/console",
    ];

    public static void Run(FeatureFile file, List<Finding> findings)
    {
        var taken = new Dictionary<string, FeatureVersion>(StringComparer.OrdinalIgnoreCase);
        foreach (var version in file.Features.Values.SelectMany(feature => feature.Versions).Where(version => version.Route is not null))
        {
            if (BuiltIn.FirstOrDefault(route => Covers(route, version.Route!)) is { } shadowed)
                Report(version, "route-built-in", $"the route {version.Route} would shadow the built-in {shadowed}; choose another.");
            else if (!taken.TryAdd(version.Route!, version))
                Report(version, "route-taken", $"the route {version.Route} is that of {taken[version.Route!].FullName} already; choose another.");
        }

        void Report(FeatureVersion version, string code, string message) =>
            findings.Add(Finding.Error(code, $"{version.FullName}: {message}", version.PlaceOf("route"), version.Feature));
    }

    private static bool Covers(string builtIn, string route) =>
        route.StartsWith(builtIn, StringComparison.OrdinalIgnoreCase) && (route.Length == builtIn.Length || route[builtIn.Length] == '/');
}

using Headway.Features;

namespace Headway.Server.Commands;

/// <summary>What a feature file promises and this program alone cannot keep. A promise silently not kept is worse than no start.</summary>
internal static class Unservable
{
    /// <summary>One sentence per part, with its place and the cure.</summary>
    public static IReadOnlyList<string> In(FeatureFile file)
    {
        var code = file.Features.Values.SelectMany(feature => feature.Versions).Where(version => version.Handler is CodeDefinition);
        return
        [
            .. code.Select(version => $"{version.Place}: the work of {version.FullName} is C# code, which the host that calls MapFeature(\"{version.Feature}\", …) brings along. Start that host instead of `headway serve`."),
            .. file.Unserved.Select(part => $"{part.Value}: this version does not serve {part.Key}. `headway check` judges it; to serve the rest, take it out of the file."),
        ];
    }
}

using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using Headway.AspNetCore.Errors;
using Headway.Features;

namespace Headway.AspNetCore.Features;

/// <summary>Finds the feature version a request means, in the feature file as it is now.</summary>
internal static class FeatureLookup
{
    /// <summary>`name` means the latest version, `name@2` the second.</summary>
    public static Problem? Find(FeatureFile file, string reference, out FeatureVersion? version)
    {
        version = null;
        var at = reference.IndexOf('@');
        var name = at < 0 ? reference : reference[..at];
        if (!file.Features.TryGetValue(name, out var feature))
        {
            return new Problem(ProblemKind.FeatureUnknown,
                $"The feature file has no feature {Phrases.Quote(name)}.{Phrases.Suggest(name, file.Features.Keys)} GET /v1/features lists them.");
        }

        version = at < 0 ? feature.Latest : feature.Versions.FirstOrDefault(one => reference.AsSpan(at + 1).SequenceEqual(Number(one)));
        return version is null
            ? new Problem(ProblemKind.VersionUnknown, $"Feature {name} has no version {Phrases.Quote(reference[(at + 1)..])}; it has {string.Join(", ", feature.Versions.Select(Number))}.")
            : Callable(version);
    }

    /// <summary>The version whose own route the path is.</summary>
    public static FeatureVersion? ByRoute(FeatureFile file, string path) => Routes.GetValue(file, Index).GetValueOrDefault(path);

    // Asked for every request that no fixed route takes; made once for as long as the file is in force.
    private static readonly ConditionalWeakTable<FeatureFile, FrozenDictionary<string, FeatureVersion>> Routes = [];

    private static FrozenDictionary<string, FeatureVersion> Index(FeatureFile file) => file.Features.Values
        .SelectMany(feature => feature.Versions)
        .Where(version => version.Route is not null)
        .ToFrozenDictionary(version => version.Route!, StringComparer.OrdinalIgnoreCase);

    public static Problem? Callable(FeatureVersion version) => version.Contract.Mode == Mode.Batch
        ? new Problem(ProblemKind.ModeForbidden, $"{version.FullName} is served in batch: a dataset is put through it, single calls are not taken. Declare a version with mode async for them.")
        : null;

    private static string Number(FeatureVersion version) => version.Number.ToString(System.Globalization.CultureInfo.InvariantCulture);
}

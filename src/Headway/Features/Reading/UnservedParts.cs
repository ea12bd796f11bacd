namespace Headway.Features.Reading;

/// <summary>The parts of a valid file that this program cannot serve. `check` accepts them; `serve` refuses by name, because a promise that is silently
/// not kept is worse than none.</summary>
internal static class UnservedParts
{
    private static readonly IReadOnlyList<string> Sections = ["batches", "sources"];

    public static IReadOnlyDictionary<string, Place> Of(FeatureFile file, Section root)
    {
        var unserved = new Dictionary<string, Place>(StringComparer.Ordinal);
        foreach (var section in Sections.Where(root.Has))
            unserved.Add($"the section {section}", root.Find(section)!.Place);
        if (file.Server.Database?.StartsWith("postgres", StringComparison.Ordinal) == true)
            unserved.Add("a PostgreSQL database", root.Under("server").Find("database")!.Place);
        foreach (var version in file.Features.Values.SelectMany(feature => feature.Versions))
            Of(version, unserved);
        return unserved;
    }

    private static void Of(FeatureVersion version, Dictionary<string, Place> unserved)
    {
        if (version.Contract.Mode is Mode.Batch)
            unserved.Add($"the mode batch of {version.FullName}", version.PlaceOf("contract.mode"));
    }
}

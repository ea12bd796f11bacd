using Headway.Features.Reading;
using Headway.Features.Shapes;

namespace Headway.Features;

/// <summary>Reads a feature file: parse, substitute, hold against the shape, make records, check what they say of each other. Every mistake is
/// reported, not only the first.</summary>
internal static class FeatureFileReader
{
    /// <param name="path">As given by the user; messages repeat it. Templates and schemas are relative to its folder.</param>
    /// <param name="environment">Looks a variable up; null when it is not set.</param>
    public static FeatureFileReading Read(string path, Func<string, string?> environment)
    {
        var reading = new FileReading(path, environment);
        var tree = reading.ReadTree();
        var draft = tree is null ? null : Draft(reading, new Section(tree, FeatureFileShape.Root));
        return new FeatureFileReading(draft, [.. reading.Findings.Distinct().OrderBy(finding => finding.Line).ThenBy(finding => finding.Column)])
        {
            References = [.. reading.References],
            Content = reading.Content,
        };
    }

    private static FeatureFile Draft(FileReading reading, Section root)
    {
        var models = new ModelReader(reading).Read(root);
        var endpoints = ServerReader.Endpoints(root);
        var features = new FeatureReader(reading, root, models).Read();
        var file = new FeatureFile
        {
            Path = reading.Path,
            Server = ServerReader.Server(root, reading.Folder, reading.Findings),
            Models = models,
            Endpoints = endpoints,
            ToolServers = ToolReader.Read(root, reading),
            Features = features,
            Batches = ServerReader.Batches(root),
            Sinks = ServerReader.Sinks(root),
            Alerts = AlertReader.Read(root, reading.Findings),
            Tenants = root.Named("tenants").ToDictionary(tenant => tenant.Name.Text, tenant => ServerReader.Tenant(tenant.Section), StringComparer.Ordinal),
        };
        NameCheck.Run(root, reading.Findings);
        RouteCheck.Run(file, reading.Findings);
        ReferenceCheck.Run(file, root, reading.Findings);
        ToolReader.CheckData(file, reading.Findings);
        StepsCheck.Run(file, reading.Findings);
        return file with { Unserved = UnservedParts.Of(file, root) };
    }
}

/// <summary>What came of reading a feature file.</summary>
/// <param name="Draft">As far as it could be read: what `check` judges even when something else is wrong. Null: not YAML at all.</param>
internal sealed record FeatureFileReading(FeatureFile? Draft, IReadOnlyList<Finding> Findings)
{
    /// <summary>The file, if nothing is wrong with it.</summary>
    public FeatureFile? File => Findings.Any(finding => finding.Severity is Severity.Error) ? null : Draft;

    /// <summary>Full paths of the templates and schemas it names.</summary>
    public IReadOnlyCollection<string> References { get; init; } = [];

    /// <summary>A digest of everything that was read.</summary>
    public string Content { get; init; } = "";
}

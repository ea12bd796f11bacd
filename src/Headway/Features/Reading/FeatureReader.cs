using System.Globalization;
using Headway.Features.Shapes;
using Headway.Features.Yaml;

namespace Headway.Features.Reading;

/// <summary>Reads the `features` section, and makes features of exposed models.</summary>
internal sealed class FeatureReader(FileReading reading, Section root, IReadOnlyDictionary<string, ModelDefinition> models)
{
    // What a version, a feature and the defaults may each say a part of. Everything else is said whole or not at all.
    private static readonly HashSet<string> Merged = ["contract", "expect", "pool", "retry", "retention"];
    private static readonly HashSet<string> Defaulted = ["timeout", "pool", "retry", "retention"];

    private readonly VersionReader _versions = new(reading, root.Under("defaults"));

    public IReadOnlyDictionary<string, Feature> Read()
    {
        var features = new Dictionary<string, Feature>(StringComparer.Ordinal);
        foreach (var (name, section) in root.Named("features"))
        {
            if (section.Node is not null && Read(name, section) is { Versions.Count: > 0 } feature)
                features.Add(name.Text, feature);
        }

        foreach (var model in models.Values.Where(model => model.Expose))
            features.TryAdd(model.Name, Exposed(model));
        return features;
    }

    private Feature Read(Node name, Section section)
    {
        var shared = Spelt(section.Node!.Without("versions"));
        var defaults = Defaults();
        if (!section.Has("versions"))
        {
            var only = _versions.Read(name, 1, name.Place, shared.Over(defaults, Merged), own: shared);
            return Made(name.Text, section, only is null ? [] : [only]);
        }

        if (section.Find("versions") is { Kind: NodeKind.Map, Entries.Count: 0 } none)
            reading.Findings.Add(Finding.Error("value-invalid", $"features.{name.Text}.versions is empty; remove it or declare version 1.", none.Place, name.Text));

        var versions = new List<FeatureVersion>();
        foreach (var (number, node) in section.Entries("versions"))
        {
            if (!int.TryParse(number.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) || node.Kind is not NodeKind.Map)
                continue;
            if (_versions.Read(name, value, number.Place, Spelt(node).Over(shared, Merged).Over(defaults, Merged), own: node) is { } version)
                versions.Add(version);
        }

        return Made(name.Text, section, [.. versions.OrderBy(version => version.Number)]);
    }

    private static Feature Made(string name, Section section, IReadOnlyList<FeatureVersion> versions) =>
        new() { Name = name, Summary = section.Text("summary"), Versions = versions, Budget = ModelReader.BudgetOf(section) };

    private Node? Defaults() => root.Find("defaults") is { Kind: NodeKind.Map } defaults
        ? Spelt(defaults with { Entries = [.. defaults.Entries.Where(entry => Defaulted.Contains(entry.Key.Text))] })
        : null;

    // `retention: 30d` is short for saying it of payloads and of records; spelt out, it merges like the long form.
    private static Node Spelt(Node node) => node with
    {
        Entries = [.. node.Entries.Select(entry => entry.Key.Text == "retention" && entry.Value is { Kind: NodeKind.Scalar, IsNull: false }
            ? entry with { Value = entry.Value with { Kind = NodeKind.Map, Entries = [Kept("payload", entry.Value), Kept("record", entry.Value)] } }
            : entry)],
    };

    private static Entry Kept(string what, Node duration) =>
        new(new Node { Kind = NodeKind.Scalar, Place = duration.Place, Text = what, Raw = what }, duration);

    private Feature Exposed(ModelDefinition model)
    {
        var defaults = root.Under("defaults");
        var summary = $"The model {model.Name}, exposed.";
        var contract = new Contract { Mode = Mode.Sync, Data = model.Data ?? defaults.Value("data", DataClass.Internal) };
        var version = new FeatureVersion
        {
            Feature = model.Name,
            Number = 1,
            Summary = summary,
            Contract = contract,
            Handler = new ModelHandlerDefinition(model.Name),
            Timeout = model.Timeouts.Total,
            Pool = VersionReader.Pool(defaults.Under("pool")),
            Retention = VersionReader.Retention(new Section(Defaults()?["retention"], FeatureShape.Retention.Mappings[0])),
            NoFallback = true,
            Place = model.Place,
        };
        return new Feature
        {
            Name = model.Name,
            Summary = summary,
            Versions = [FeatureDefinition.Seal(version)],
            Streamed = FeatureDefinition.Seal(version with { Contract = contract with { Mode = Mode.Stream } }),
            Background = FeatureDefinition.Seal(version with { Contract = contract with { Mode = Mode.Async } }),
            Budget = model.Budget,
        };
    }
}

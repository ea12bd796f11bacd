using Headway.Features.Yaml;

namespace Headway.Features.Reading;

/// <summary>Every name the file uses must be one it declares.</summary>
internal static class ReferenceCheck
{
    public static void Run(FeatureFile file, Section root, List<Finding> findings)
    {
        // Declared is what stands in the file: a name is not unknown because its definition has a mistake of its own.
        var models = Names(root, "models");
        var features = Names(root, "features");
        var endpoints = Names(root, "endpoints");
        var toolServers = Names(root, "toolServers");
        var embeddings = file.Models.Values.Where(model => model.Kind is ModelKind.Embedding).Select(model => model.Name).ToHashSet();

        foreach (var (feature, node) in root.Entries("features").SelectMany(entry => Bodies(entry.Key.Text, entry.Value)))
        {
            foreach (var model in Items(node["handler"]?["models"]).Concat(StepsOf(node).SelectMany(step => Items(step["models"]))))
                Check(model, "model", models, feature);
            foreach (var tool in Items(node["handler"]?["tools"]).Concat(StepsOf(node).SelectMany(step => Items(step["tools"]))))
                CheckTool(tool, feature);
            foreach (var channel in Items(node["delivery"]).Select(item => item["endpoint"]))
                Check(channel, "endpoint", endpoints, feature);
            foreach (var called in StepsOf(node).Select(step => step["feature"]))
                Check(called, "feature", features, feature);
        }

        foreach (var receiver in Items(root.Find("alerts")?["to"]))
            Check(receiver["endpoint"], "endpoint", endpoints, null);

        foreach (var section in new[] { "batches", "sources" })
            foreach (var (_, node) in root.Entries(section))
                Check(node["feature"], "feature", features, null);

        void CheckTool(Node name, string feature)
        {
            if (name is { Kind: NodeKind.Scalar, IsNull: false, IsBroken: false } && ToolName.Of(name.Text).Server is var server && !toolServers.Contains(server))
                findings.Add(Finding.Error("tool-server-unknown", $"there is no tool server '{ToolName.Of(name.Raw).Server}': {Spelling.Hint(server, toolServers)}", name.Place, feature));
        }

        void Check(Node? name, string kind, IReadOnlyCollection<string> known, string? feature)
        {
            if (name is not { Kind: NodeKind.Scalar, IsNull: false, IsBroken: false })
                return;
            if (!known.Contains(name.Text))
                findings.Add(Finding.Error($"{kind}-unknown", $"there is no {kind} '{name.Raw}': {Spelling.Hint(name.Raw, known)}", name.Place, feature));
            else if (kind == "model" && embeddings.Contains(name.Text))
                findings.Add(Finding.Error("model-kind", $"the model '{name.Text}' makes embeddings; a prompt needs one that chats.", name.Place, feature));
        }
    }

    // The feature itself and each of its versions.
    private static IEnumerable<(string Feature, Node Node)> Bodies(string feature, Node node)
    {
        yield return (feature, node);
        foreach (var version in node["versions"]?.Entries ?? [])
            yield return (feature, version.Value);
    }

    private static IEnumerable<Node> StepsOf(Node node) => StepsIn(node["handler"]?["steps"]);

    // Also those that lie in others.
    private static IEnumerable<Node> StepsIn(Node? list) => Items(list).SelectMany(item => item.Entries).SelectMany(entry => StepAndWithin(entry.Value));

    private static IEnumerable<Node> StepAndWithin(Node step) => StepsIn(step["then"]).Concat(StepsIn(step["otherwise"]))
        .Concat(((step["parallel"] ?? step["race"])?.Entries ?? []).SelectMany(branch => branch.Value.Kind is NodeKind.List ? StepsIn(branch.Value) : StepAndWithin(branch.Value)))
        .Prepend(step);

    private static IEnumerable<Node> Items(Node? list) => list?.Items ?? [];

    private static IReadOnlyCollection<string> Names(Section root, string section) => [.. root.Entries(section).Select(entry => entry.Key.Text)];
}

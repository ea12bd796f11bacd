using System.Text.RegularExpressions;
using Headway.Features.Yaml;

namespace Headway.Features.Shapes;

/// <summary>Holds a tree against its shape and reports everything that does not fit, each with its place and its cure.</summary>
internal sealed class ShapeCheck(List<Finding> findings)
{
    private static readonly TimeSpan RegexLimit = TimeSpan.FromSeconds(1);

    /// <param name="path">Where we are, for messages: `features.intake-triage.contract`.</param>
    /// <param name="feature">The feature the place belongs to.</param>
    public void Check(Node node, Shape shape, string path, string? feature = null, bool secret = false)
    {
        if (node.IsBroken)
            return;

        switch (shape)
        {
            case Keys keys:
                if (Is(NodeKind.Map, node, keys, path, feature))
                    CheckKeys(node, keys, path, feature);
                break;
            case Named named:
                if (Is(NodeKind.Map, node, named, path, feature))
                    CheckNamed(node, named, path, feature);
                break;
            case Listed listed:
                if (Is(NodeKind.List, node, listed, path, feature))
                    CheckListed(node, listed, path, feature);
                break;
            case OneOrMore either:
                if (node.Kind is NodeKind.List) CheckListed(node, either.More, path, feature, secret);
                else if (node.Kind is NodeKind.Scalar && either.One.Choices.Count > 0) CheckScalar(node, either.One, path, feature, secret, either.Says);
                else if (node.Kind is NodeKind.Map || !either.One.Accepts(node)) Wrong(node, either, path, feature, secret);
                break;
            case OneOrList either:
                if (node.Kind is NodeKind.List) CheckListed(node, either.More, path, feature);
                else Check(node, either.One, path, feature);
                break;
            case Later later:
                Check(node, later.Shape, path, feature, secret);
                break;
            case Anything:
                CheckAnything(node, path, feature);
                break;
            case Variants variants:
                CheckVariants(node, variants, path, feature);
                break;
            case Scalar scalar:
                if (Is(NodeKind.Scalar, node, scalar, path, feature))
                    CheckScalar(node, scalar, path, feature, secret);
                break;
        }
    }

    private void CheckKeys(Node node, Keys keys, string path, string? feature)
    {
        Duplicates(node, path, feature);
        foreach (var (name, value) in node.Entries)
        {
            if (keys[name.Text] is { } key)
                Check(value, key.Shape, Join(path, name.Text), feature, key.Secret);
            else
                Unknown(name, keys.Names, path, feature);
        }

        foreach (var key in keys.All.Where(key => key.Required && node[key.Name] is null))
            findings.Add(Finding.Error("key-missing", $"{Spoken(path)} needs the key '{key.Name}': {key.Summary}", node.Place, feature));
    }

    private void CheckNamed(Node node, Named named, string path, string? feature)
    {
        Duplicates(node, path, feature);
        foreach (var (name, value) in node.Entries)
        {
            var about = path == "features" ? name.Text : feature;
            if (name.Text.Length > NameRule.MaxLength || !Regex.IsMatch(name.Text, named.Rule.Pattern, RegexOptions.CultureInvariant, RegexLimit))
            {
                findings.Add(Finding.Error("name-invalid",
                    $"'{name.Text}' in {Spoken(path)} is not a good name: write {named.Rule.Says}, at most {NameRule.MaxLength} characters.", name.Place, about));
            }

            Check(value, named.Value, Join(path, name.Text), about);
        }
    }

    private void CheckListed(Node node, Listed listed, string path, string? feature, bool secret = false)
    {
        if (node.Items.Count < listed.AtLeast)
            findings.Add(Finding.Error("value-invalid", $"{Spoken(path)} is empty; it needs at least {listed.AtLeast} of: {listed.Item.Says}.", node.Place, feature));
        for (var i = 0; i < node.Items.Count; i++)
            Check(node.Items[i], listed.Item, $"{path}[{i}]", feature, secret);
    }

    private void CheckVariants(Node node, Variants variants, string path, string? feature)
    {
        if (node.Kind is NodeKind.Scalar && variants.Scalar is { } scalar)
        {
            if (!scalar.Accepts(node))
                Wrong(node, variants, path, feature);
            return;
        }

        if (!Is(NodeKind.Map, node, variants, path, feature))
            return;

        if (variants.Choose(node) is { } chosen)
        {
            CheckKeys(node, chosen, path, feature);
            return;
        }

        // A misspelt first key is the likely reason that no alternative fits; only without one is the sentence about what may stand here helpful.
        Duplicates(node, path, feature);
        var known = variants.Mappings.SelectMany(mapping => mapping.Names).Distinct().ToList();
        var unknown = node.Entries.Where(entry => !known.Contains(entry.Key.Text)).ToList();
        foreach (var entry in unknown)
            Unknown(entry.Key, known, path, feature);
        if (unknown.Count == 0)
            findings.Add(Finding.Error("key-missing", $"{Spoken(path)} does not say what it is; expected {variants.Says}.", node.Place, feature));
    }

    private void CheckAnything(Node node, string path, string? feature)
    {
        Duplicates(node, path, feature);
        foreach (var (name, value) in node.Entries) CheckAnything(value, Join(path, name.Text), feature);
        for (var i = 0; i < node.Items.Count; i++) CheckAnything(node.Items[i], $"{path}[{i}]", feature);
    }

    private void CheckScalar(Node node, Scalar scalar, string path, string? feature, bool secret, string? says = null)
    {
        if (scalar.Accepts(node))
            return;

        if (scalar.Choices.Count > 0 && !node.IsNull)
        {
            findings.Add(Finding.Error("value-unknown",
                $"{Spoken(path)} cannot be '{node.Raw}'{(Spelling.Nearest(node.Raw, scalar.Choices) is { } meant ? $": did you mean '{meant}'?" : ".")} Expected {says ?? scalar.Says}.",
                node.Place, feature));
            return;
        }

        if (!secret && !node.IsNull && scalar.Objection(node.Text) is { } objection)
        {
            findings.Add(Finding.Error("value-invalid", $"{Spoken(path)} is {node.Says}: {objection}.", node.Place, feature));
            return;
        }

        Wrong(node, scalar, path, feature, secret);
    }

    private void Wrong(Node node, Shape shape, string path, string? feature, bool secret = false) => findings.Add(Finding.Error("value-invalid",
        secret ? $"{Spoken(path)} is not right (its value is not shown); expected {shape.Says}." : $"{Spoken(path)} is {node.Says}; expected {shape.Says}.",
        node.Place, feature));

    private bool Is(NodeKind kind, Node node, Shape shape, string path, string? feature)
    {
        if (node.Kind == kind)
            return true;
        findings.Add(Finding.Error("value-type", $"{Spoken(path)} is {node.Says}; expected {shape.Says}.", node.Place, feature));
        return false;
    }

    private void Unknown(Node name, IReadOnlyCollection<string> known, string path, string? feature) => findings.Add(Finding.Error("key-unknown",
        $"{Spoken(path)} has no key '{name.Text}': {Spelling.Hint(name.Text, known)}", name.Place, feature));

    private void Duplicates(Node node, string path, string? feature)
    {
        var seen = new Dictionary<string, Place>(StringComparer.Ordinal);
        foreach (var (name, _) in node.Entries)
        {
            if (!seen.TryAdd(name.Text, name.Place))
            {
                findings.Add(Finding.Error("key-duplicate",
                    $"{Spoken(path)} has '{name.Text}' twice, first on line {seen[name.Text].Line}; keep one.", name.Place, feature));
            }
        }
    }

    private static string Join(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    private static string Spoken(string path) => path.Length == 0 ? "the file" : path;
}

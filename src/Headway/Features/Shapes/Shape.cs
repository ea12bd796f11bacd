using Headway.Features.Yaml;

namespace Headway.Features.Shapes;

/// <summary>What may stand at a place of the feature file. The same shapes drive the check of the file, the reading of it and its JSON Schema.</summary>
internal abstract class Shape
{
    /// <summary>For a message: "expected …".</summary>
    public abstract string Says { get; }
}

/// <summary>A mapping with known keys.</summary>
/// <param name="name">Its name among the schema's definitions.</param>
internal sealed class Keys(string name, string summary, params IReadOnlyList<Key> all) : Shape
{
    private readonly Dictionary<string, Key> _byName = all.ToDictionary(key => key.Name, StringComparer.Ordinal);

    public string Name { get; } = name;
    public string Summary { get; } = summary;
    public IReadOnlyList<Key> All { get; } = all;
    public IReadOnlyCollection<string> Names => _byName.Keys;
    public Key? this[string key] => _byName.GetValueOrDefault(key);
    public override string Says => $"a mapping with {string.Join(", ", Names.Take(4))}{(Names.Count > 4 ? "…" : "")}";
}

/// <summary>One key of a mapping.</summary>
/// <param name="Summary">What it means: the description in the schema.</param>
internal sealed record Key(string Name, Shape Shape, string Summary)
{
    /// <summary>Must be there wherever the mapping is.</summary>
    public bool Required { get; init; }

    /// <summary>Its value is never repeated in a message.</summary>
    public bool Secret { get; init; }
}

/// <summary>A mapping from names the author chooses to values of one shape.</summary>
internal sealed class Named(NameRule rule, Shape value) : Shape
{
    public NameRule Rule { get; } = rule;
    public Shape Value { get; } = value;
    public override string Says => $"a mapping from {Rule.Plural} to their definitions";
}

/// <summary>How names of a kind are written.</summary>
internal sealed record NameRule(string Plural, string Pattern, string Says)
{
    public static readonly NameRule Feature = new("feature names", "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", "lowercase words joined by hyphens, such as intake-triage");
    public static readonly NameRule Model = new("model names", "^[a-z0-9]+([._-][a-z0-9]+)*$", "lowercase words joined by hyphens or dots, such as gpt-5.1-mini");
    public static readonly NameRule Other = new("names", "^[a-z][a-z0-9]*(-[a-z0-9]+)*$", "lowercase words joined by hyphens");
    public static readonly NameRule Version = new("version numbers", "^[1-9][0-9]{0,5}$", "a whole number from 1");
    public static readonly NameRule Header = new("header names", "^[A-Za-z0-9!#$%&'*+.^_`|~-]+$", "a header name of RFC 9110");
    public static readonly NameRule Variable = new("names of variables", "^[A-Za-z_][A-Za-z0-9_]*$", "letters, digits and underscores, such as DRUGS_TOKEN");
    public const int MaxLength = 64;
}

/// <summary>A list of values of one shape.</summary>
internal sealed class Listed(Shape item, int atLeast = 0) : Shape
{
    public Shape Item { get; } = item;
    public int AtLeast { get; } = atLeast;
    public override string Says => $"a list of {Item.Says}";
}

/// <summary>One value, or a list of them.</summary>
internal sealed class OneOrMore(string says, Scalar one, Listed more) : Shape
{
    public override string Says => says;
    public Scalar One { get; } = one;
    public Listed More { get; } = more;
}

/// <summary>One thing, or a list of such.</summary>
internal sealed class OneOrList(string says, Shape one, Listed more) : Shape
{
    public override string Says => says;
    public Shape One { get; } = one;
    public Listed More { get; } = more;
}

/// <summary>A shape that is made of itself, or before what it is made of.</summary>
internal sealed class Later(Func<Shape> shape) : Shape
{
    public Shape Shape => shape();
    public override string Says => Shape.Says;
}

/// <summary>Any value: text, number, mapping or list.</summary>
internal sealed class Anything : Shape
{
    public static readonly Anything Value = new();
    public override string Says => "any value";
}

/// <summary>Alternatives: at most one scalar, and mappings told apart by the one key that only they have.</summary>
internal sealed class Variants(string name, string says, Scalar? scalar, params IReadOnlyList<Keys> mappings) : Shape
{
    public string Name { get; } = name;
    public override string Says => says;
    public Scalar? Scalar { get; } = scalar;

    /// <summary>The first key of each tells it from the others.</summary>
    public IReadOnlyList<Keys> Mappings { get; } = mappings;

    public static string KeyOf(Keys mapping) => mapping.All[0].Name;

    public Keys? Choose(Node map) => Mappings.Count == 1 ? Mappings[0] : Mappings.FirstOrDefault(mapping => map[KeyOf(mapping)] is not null);
}

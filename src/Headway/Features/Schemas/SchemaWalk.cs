using System.Collections.Frozen;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Headway.Features.Schemas;

/// <summary>One visit of every schema object in a schema text; collects what cannot be enforced.</summary>
internal sealed class SchemaWalk
{
    /// <summary>How often alternatives within alternatives may multiply before a value is judged too expensively.</summary>
    private const long MaxAlternatives = 10_000;

    private static readonly FrozenSet<string> Notes = FrozenSet.Create(
        "title", "description", "default", "examples", "example", "deprecated", "readOnly", "writeOnly", "$comment", "contentMediaType", "contentEncoding");

    private static readonly FrozenSet<string> Numbers = FrozenSet.Create("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf");

    private static readonly FrozenSet<string> Counts = FrozenSet.Create("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties");

    private static readonly FrozenSet<string> Types = FrozenSet.Create("object", "array", "string", "number", "integer", "boolean", "null");

    private static readonly FrozenSet<string> Formats = FrozenSet.Create("date-time", "date", "time", "email", "uri", "ipv4", "ipv6", "hostname", "uuid");

    private static readonly FrozenDictionary<string, string> Instead = new Dictionary<string, string>
    {
        ["const"] = "write `enum` with one value",
        ["prefixItems"] = "write `items` as an array of schemas, with `additionalItems`",
        ["dependentRequired"] = "list the cases with `anyOf`",
        ["dependentSchemas"] = "list the cases with `anyOf`",
        ["if"] = "list the cases with `anyOf`",
        ["then"] = "list the cases with `anyOf`",
        ["else"] = "list the cases with `anyOf`",
        ["patternProperties"] = "name the properties, or give `additionalProperties` a schema",
        ["unevaluatedProperties"] = "write `additionalProperties` where the properties are named",
        ["nullable"] = "write `type: [\"string\", \"null\"]`",
    }.ToFrozenDictionary();

    private readonly Dictionary<string, JsonObject> _schemas = [];
    private readonly Dictionary<string, List<string>> _alternatives = [];
    private readonly List<(string From, string To)> _references = [];
    private readonly List<SchemaProblem> _problems = [];

    private SchemaWalk(JsonObject root) => Root = root;

    public JsonObject Root { get; }
    public IReadOnlyList<SchemaProblem> Problems => _problems;

    /// <summary>Every schema object by its JSON pointer (`#`, `#/properties/score`).</summary>
    public IReadOnlyDictionary<string, JsonObject> Schemas => _schemas;

    public static SchemaWalk Of(JsonObject root)
    {
        var walk = new SchemaWalk(root);
        walk.Visit("#", root);
        walk.CheckReferences();
        if (walk._problems.Count == 0)
            walk.CheckAlternatives();
        return walk;
    }

    /// <summary>The schema a schema stands for: itself, or the one it refers to.</summary>
    public JsonObject Resolve(JsonObject schema)
    {
        while (schema["$ref"] is JsonValue reference)
            schema = _schemas[reference.GetValue<string>()];
        return schema;
    }

    private void Visit(string at, JsonNode? node)
    {
        if (node is not JsonObject schema)
        {
            Problem(at, "must be a schema object");
            return;
        }

        _schemas[at] = schema;
        _alternatives[at] = [];
        var refers = schema.ContainsKey("$ref");
        foreach (var (keyword, value) in schema)
        {
            if (refers && keyword is not "$ref" and not "$defs" and not "definitions" && !Notes.Contains(keyword))
                Problem(at, $"has `{keyword}` beside `$ref`, where it has no effect: put both into `allOf`");
            else
                Keyword(at, keyword, value);
        }
    }

    private void Keyword(string at, string keyword, JsonNode? value)
    {
        switch (keyword)
        {
            case "$schema" or "$id" when at == "#":
            case var note when Notes.Contains(note) || note.StartsWith("x-", StringComparison.Ordinal):
                return;
            case var bound when Numbers.Contains(bound) || Counts.Contains(bound):
                CheckNumber(at, bound, value);
                return;
            case "required":
                if (value is not JsonArray names || names.Any(name => Text(name) is null))
                    Problem(at, "`required` must be a list of property names");
                return;
            case "uniqueItems":
                if (value?.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False))
                    Problem(at, "`uniqueItems` must be true or false");
                return;
            case "type":
                CheckType(at, value);
                return;
            case "enum":
                if (value is not JsonArray { Count: > 0 } values || values.Any(one => one is JsonObject or JsonArray))
                    Problem(at, "`enum` must be a list of strings, numbers, booleans or null");
                return;
            case "format":
                if (Text(value) is not { } format || !Formats.Contains(format))
                    Problem(at, $"`format` is not one that is enforced ({string.Join(", ", Formats.Order())}): use `pattern`");
                return;
            case "pattern":
                CheckPattern(at, value);
                return;
            case "$ref":
                _references.Add((at, Text(value) ?? ""));
                return;
            case "properties" or "$defs" or "definitions":
                VisitNamed($"{at}/{keyword}", value);
                return;
            case "allOf" or "anyOf" or "oneOf":
                VisitList(at, keyword, value);
                return;
            case "not":
                _alternatives[at].Add($"{at}/not");
                Visit($"{at}/not", value);
                return;
            case "items" when value is JsonArray tuple:
                for (var i = 0; i < tuple.Count; i++)
                    Visit($"{at}/items/{i}", tuple[i]);
                return;
            case "items":
                Visit($"{at}/items", value);
                return;
            case "additionalProperties" or "additionalItems":
                if (value?.GetValueKind() is not (JsonValueKind.True or JsonValueKind.False))
                    Visit($"{at}/{keyword}", value);
                return;
            default:
                Problem(at, Instead.TryGetValue(keyword, out var instead)
                    ? $"has `{keyword}`, which is not enforced: {instead}"
                    : $"has `{keyword}`, which is not enforced: leave it out, or name it `x-{keyword}` if it is a note");
                return;
        }
    }

    private void CheckType(string at, JsonNode? value)
    {
        JsonNode?[] types = value is JsonArray list ? [.. list] : [value];
        if (types.Length == 0 || types.Any(type => Text(type) is not { } name || !Types.Contains(name)))
            Problem(at, $"`type` must be one or more of {string.Join(", ", Types.Order())}");
    }

    private void CheckNumber(string at, string keyword, JsonNode? value)
    {
        var number = value is JsonValue one && one.GetValueKind() is JsonValueKind.Number && one.TryGetValue<decimal>(out var read) ? read : (decimal?)null;
        if (number is null)
            Problem(at, $"`{keyword}` must be a number");
        else if (Counts.Contains(keyword) && (number < 0 || number > int.MaxValue || !decimal.IsInteger(number.Value)))
            Problem(at, $"`{keyword}` must be a whole number from 0");
        else if (keyword == "multipleOf" && number <= 0)
            Problem(at, "`multipleOf` must be more than 0");
    }

    private void CheckPattern(string at, JsonNode? value)
    {
        try
        {
            _ = new Regex(Text(value) ?? throw new ArgumentException("no text"), RegexOptions.ECMAScript);
        }
        catch (ArgumentException)
        {
            Problem(at, "`pattern` is not a regular expression (ECMA-262)");
        }
    }

    private void VisitNamed(string at, JsonNode? value)
    {
        if (value is not JsonObject named)
        {
            Problem(at, "must be an object of schemas");
            return;
        }

        foreach (var (name, schema) in named)
            Visit($"{at}/{name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal)}", schema);
    }

    private void VisitList(string at, string keyword, JsonNode? value)
    {
        if (value is not JsonArray { Count: > 0 } list)
        {
            Problem(at, $"`{keyword}` must be a list of schemas");
            return;
        }

        for (var i = 0; i < list.Count; i++)
        {
            _alternatives[at].Add($"{at}/{keyword}/{i.ToString(CultureInfo.InvariantCulture)}");
            Visit($"{at}/{keyword}/{i}", list[i]);
        }
    }

    private void CheckReferences()
    {
        foreach (var (from, to) in _references)
        {
            if (!to.StartsWith('#'))
                Problem(from, "`$ref` leads out of this schema, and nothing is fetched: copy the part into `$defs`");
            else if (!_schemas.ContainsKey(to))
                Problem(from, $"`$ref` leads to `{to}`, where no schema is");
            else
                _alternatives[from].Add(to);
        }
    }

    /// <summary>A schema that applies itself to the same value never ends; alternatives of alternatives multiply.</summary>
    private void CheckAlternatives()
    {
        var costs = new Dictionary<string, long>();
        var open = new HashSet<string>();
        foreach (var at in _schemas.Keys)
        {
            var cost = Cost(at);
            if (cost is < 0 or > MaxAlternatives)
            {
                Problem(at, cost < 0 ? "refers to itself for the same value" : $"has more than {MaxAlternatives} nested alternatives");
                return;
            }
        }

        long Cost(string at)
        {
            if (costs.TryGetValue(at, out var known))
                return known;
            if (!open.Add(at))
                return -1;
            var sum = 1L;
            foreach (var next in _alternatives[at])
            {
                var cost = Cost(next);
                sum = cost < 0 || sum < 0 ? -1 : Math.Min(sum + cost, MaxAlternatives + 1);
            }

            open.Remove(at);
            return costs[at] = sum;
        }
    }

    private void Problem(string at, string message) => _problems.Add(new SchemaProblem("$" + at[1..].Replace('/', '.'), message));

    private static string? Text(JsonNode? value) => value is JsonValue one && one.TryGetValue<string>(out var text) ? text : null;
}

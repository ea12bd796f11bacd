using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.Features.Schemas;

namespace Headway.Models.Providers.Rehearsal;

/// <summary>Makes a value that satisfies a schema, filled from the input where names and types allow.</summary>
internal sealed class RehearsalValue
{
    /// <summary>Optional parts deeper than this are left out, so that a schema that refers to itself comes to an end.</summary>
    private const int MaxDepth = 8;

    private readonly SchemaWalk _walk;
    private readonly RehearsalSource _source;
    private readonly RehearsalDraw _draw;

    private RehearsalValue(SchemaWalk walk, RehearsalSource source, RehearsalDraw draw) => (_walk, _source, _draw) = (walk, source, draw);

    /// <summary>Null: no value could be found; a pattern or a rule between properties stands in the way.</summary>
    public static JsonNode? For(ValueSchema schema, RehearsalSource source, RehearsalDraw draw)
    {
        var value = new RehearsalValue(schema.Walk, source, draw).Make("answer", schema.Walk.Root, 0);
        return schema.Validate(Encoding.UTF8.GetBytes(value?.ToJsonString() ?? "null")).Count == 0 ? value : null;
    }

    private JsonNode? Make(string name, JsonObject schema, int depth)
    {
        schema = Merge(_walk.Resolve(schema));
        if (schema["enum"] is JsonArray listed)
            return BestOf(name, listed);
        foreach (var alternatives in new[] { "anyOf", "oneOf" })
        {
            if (schema[alternatives] is JsonArray { Count: > 0 } list)
                return Make(name, Chosen(list), depth + 1);
        }

        return TypeOf(schema) switch
        {
            "object" => Members(schema, depth),
            "array" => Items(name, schema, depth),
            "string" => RehearsalScalar.Text(name, schema, _source, _draw),
            "integer" => RehearsalScalar.Number(name, schema, _source, whole: true),
            "number" => RehearsalScalar.Number(name, schema, _source, whole: false),
            "boolean" => _source.Fields.FirstOrDefault(field => Same(field.Name, name) && field.Value.GetValueKind() is JsonValueKind.True or JsonValueKind.False).Value?.DeepClone() ?? false,
            _ => null,
        };
    }

    private JsonObject Members(JsonObject schema, int depth)
    {
        var made = new JsonObject();
        var required = (schema["required"] as JsonArray)?.Select(name => (string?)name).ToHashSet() ?? [];
        foreach (var (name, member) in schema["properties"] as JsonObject ?? [])
        {
            if (member is JsonObject one && (required.Contains(name) || depth < MaxDepth))
                made[name] = Make(name, one, depth + 1);
        }

        foreach (var name in required.OfType<string>().Where(name => !made.ContainsKey(name)))
            made[name] = schema["additionalProperties"] is JsonObject other ? Make(name, other, depth + 1) : RehearsalScalar.Text(name, [], _source, _draw);
        return made;
    }

    private JsonArray Items(string name, JsonObject schema, int depth)
    {
        if (schema["items"] is JsonArray tuple)
            return [.. tuple.Select(item => Make(name, (JsonObject)item!, depth + 1))];
        var least = (int?)schema["minItems"]?.GetValue<decimal>() ?? 0;
        var most = (int?)schema["maxItems"]?.GetValue<decimal>() ?? int.MaxValue;
        var found = _source.CountOf(name);
        var count = depth >= MaxDepth ? least : Math.Clamp(found == 0 ? 1 : Math.Min(found, 5), least, Math.Max(least, most));
        var items = new JsonArray();
        var seen = new HashSet<string>();
        for (var i = 0; items.Count < count && i < count + 20; i++)
        {
            var item = schema["items"] is JsonObject one
                ? new RehearsalValue(_walk, _source.From(name, i), _draw).Make(name, one, depth + 1)
                : RehearsalScalar.Text(name, [], _source.From(name, i), _draw);
            if (seen.Add(item?.ToJsonString() ?? "null") || (bool?)schema["uniqueItems"] is not true)
                items.Add(item);
        }

        return items;
    }

    /// <summary>The listed value that the input names, else one by chance.</summary>
    private JsonNode? BestOf(string name, JsonArray listed)
    {
        var named = _source.Fields.Where(field => Same(field.Name, name)).Select(field => field.Value.ToString()).Concat(_source.Sentences);
        var best = named.Select(text => listed.FirstOrDefault(value => value is not null && Words.Contain(text, value.ToString()))).FirstOrDefault(value => value is not null);
        return (best ?? listed[_draw.Next(listed.Count)])?.DeepClone();
    }

    /// <summary>The first alternative that says something; null types are the way out, not the answer.</summary>
    private static JsonObject Chosen(JsonArray alternatives) =>
        (JsonObject)(alternatives.FirstOrDefault(one => one is JsonObject schema && (schema["type"] as JsonValue)?.ToString() != "null") ?? alternatives[0])!;

    /// <summary>`allOf` as one schema: enough for the parts that schemas are split into, and checked by the validator in the end.</summary>
    private JsonObject Merge(JsonObject schema)
    {
        if (schema["allOf"] is not JsonArray parts)
            return schema;
        var merged = (JsonObject)schema.DeepClone();
        merged.Remove("allOf");
        foreach (var part in parts.OfType<JsonObject>().Select(part => Merge(_walk.Resolve(part))))
        {
            foreach (var (keyword, value) in part)
            {
                switch (merged[keyword])
                {
                    case null:
                        merged[keyword] = value?.DeepClone();
                        break;
                    case JsonObject known when value is JsonObject more:
                        foreach (var (name, member) in more)
                            known[name] = member?.DeepClone();
                        break;
                    case JsonArray known when value is JsonArray more && keyword == "required":
                        foreach (var name in more)
                            known.Add(name?.DeepClone());
                        break;
                }
            }
        }

        return merged;
    }

    private static string? TypeOf(JsonObject schema) => schema["type"] switch
    {
        JsonArray types => types.Select(type => type?.ToString()).FirstOrDefault(type => type != "null"),
        JsonValue type => type.ToString(),
        _ when schema.ContainsKey("properties") || schema.ContainsKey("required") => "object",
        _ when schema.ContainsKey("items") => "array",
        _ when schema.ContainsKey("minimum") || schema.ContainsKey("maximum") => "number",
        _ => "string",
    };

    private static bool Same(string one, string other) => Words.Same(one, other);
}

using System.Text.Json.Nodes;

namespace Headway.Features.Schemas;

/// <summary>Whether a path can lead to a string in values of a schema.</summary>
internal static class SchemaPaths
{
    /// <summary>What stands in the way, with what to write instead; null: nothing. A member must be named by the schema: one that may only happen to be there is a misspelling.</summary>
    public static string? Refuse(ValueSchema schema, ValuePath path)
    {
        var walk = schema.Walk;
        IReadOnlyList<JsonObject> here = Alternatives(walk, [walk.Root]);
        for (var i = 0; i < path.Steps.Count; i++)
        {
            var at = ValuePath.Text(path.Steps.Take(i));
            var next = path.Steps[i] is { } name ? Members(here, name) : Items(here);
            if (next.Count == 0)
                return path.Steps[i] is { } missing ? $"has no '{missing}' at {at}: {Spelling.Hint(missing, Names(here))}" : $"has no list at {at}: leave the [*] out, or name the list";
            here = Alternatives(walk, next);
        }

        return here.Any(one => MayBe(one, "string")) ? null : $"has no text at {path}: name a property of type string";
    }

    private static IReadOnlyList<JsonObject> Members(IReadOnlyList<JsonObject> here, string name) =>
        [.. here.Where(one => MayBe(one, "object")).Select(one => (one["properties"] as JsonObject)?[name] as JsonObject ?? one["additionalProperties"] as JsonObject).OfType<JsonObject>()];

    // Items that nothing is said of may be anything.
    private static IReadOnlyList<JsonObject> Items(IReadOnlyList<JsonObject> here) => [.. here.Where(one => MayBe(one, "array") && !IsObject(one)).SelectMany(one => one["items"] switch
    {
        JsonArray each => each.OfType<JsonObject>(),
        JsonObject all => [all],
        _ => [[]],
    })];

    private static IReadOnlyCollection<string> Names(IEnumerable<JsonObject> here) => [.. here.SelectMany(one => one["properties"] as JsonObject ?? []).Select(property => property.Key).Distinct()];

    private static bool IsObject(JsonObject schema) => schema["type"] is null && schema.ContainsKey("properties");

    private static bool MayBe(JsonObject schema, string type) => schema["type"] switch
    {
        JsonArray types => types.Any(one => one?.ToString() == type),
        JsonValue one => one.ToString() == type,
        _ when type == "string" => !schema.ContainsKey("properties") && !schema.ContainsKey("items"),
        _ => true,
    };

    /// <summary>The schemas themselves, what they refer to, and each of their alternatives.</summary>
    private static List<JsonObject> Alternatives(SchemaWalk walk, IEnumerable<JsonObject> schemas)
    {
        var all = new List<JsonObject>();
        // A schema cannot apply itself to the same value: that is refused when it is read.
        var open = new Queue<JsonObject>(schemas);
        while (open.TryDequeue(out var next))
        {
            var one = walk.Resolve(next);
            var parts = new[] { "allOf", "anyOf", "oneOf" }.SelectMany(keyword => one[keyword] as JsonArray ?? []).OfType<JsonObject>().ToArray();
            if (parts.Length == 0 || one.Any(rule => rule.Key is "properties" or "items" or "additionalProperties"))
                all.Add(one);
            foreach (var part in parts) open.Enqueue(part);
        }

        return all;
    }
}

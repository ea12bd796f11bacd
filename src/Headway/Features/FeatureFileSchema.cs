using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.Features.Shapes;

namespace Headway.Features;

/// <summary>The JSON Schema (draft 2020-12) of the feature file, for editors. Made of the same shapes the file is checked by.</summary>
internal static class FeatureFileSchema
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static string Generate()
    {
        var definitions = new JsonObject();
        var root = Body(FeatureFileShape.Root, definitions);
        var schema = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["title"] = "headway.yaml",
        };
        foreach (var (key, value) in root.ToList())
        {
            root.Remove(key);
            schema[key] = value;
        }

        schema["$defs"] = new JsonObject(definitions.OrderBy(definition => definition.Key, StringComparer.Ordinal).ToList()
            .Select(definition => { definitions.Remove(definition.Key); return definition; }));
        return schema.ToJsonString(Readable) + "\n";
    }

    private static JsonObject Of(Shape shape, JsonObject definitions) => shape switch
    {
        Keys keys => Reference(keys.Name, definitions, () => Body(keys, definitions)),
        Variants variants => Reference(variants.Name, definitions, () => Body(variants, definitions)),
        Named named => new JsonObject
        {
            ["type"] = "object",
            ["propertyNames"] = new JsonObject { ["pattern"] = named.Rule.Pattern, ["maxLength"] = NameRule.MaxLength },
            ["additionalProperties"] = Of(named.Value, definitions),
        },
        Listed listed => new JsonObject { ["type"] = "array", ["minItems"] = listed.AtLeast, ["items"] = Of(listed.Item, definitions) },
        OneOrMore either => new JsonObject { ["anyOf"] = new JsonArray(either.One.Schema(), Of(either.More, definitions)) },
        OneOrList either => new JsonObject { ["anyOf"] = new JsonArray(Of(either.One, definitions), Of(either.More, definitions)) },
        Later later => Of(later.Shape, definitions),
        Anything => new JsonObject(),
        Scalar scalar => scalar.Schema(),
        _ => throw new InvalidOperationException($"No schema for the shape {shape.GetType().Name}."),
    };

    private static JsonObject Reference(string name, JsonObject definitions, Func<JsonObject> body)
    {
        if (!definitions.ContainsKey(name))
        {
            // Named before it is made: it may be made of itself.
            definitions[name] = null;
            definitions[name] = body();
        }

        return new JsonObject { ["$ref"] = $"#/$defs/{name}" };
    }

    private static JsonObject Body(Keys keys, JsonObject definitions)
    {
        var properties = new JsonObject();
        foreach (var key in keys.All)
        {
            var property = Of(key.Shape, definitions);
            property["description"] = key.Shape is Scalar { Longest: { } longest } ? $"{key.Summary} At most {longest}." : key.Summary;
            properties[key.Name] = property;
        }

        var schema = new JsonObject
        {
            ["description"] = keys.Summary,
            ["type"] = "object",
            ["additionalProperties"] = false,
            ["properties"] = properties,
        };
        if (keys.All.Any(key => key.Required))
            schema["required"] = new JsonArray([.. keys.All.Where(key => key.Required).Select(key => JsonValue.Create(key.Name))]);
        return schema;
    }

    private static JsonObject Body(Variants variants, JsonObject definitions)
    {
        var any = new JsonArray();
        if (variants.Scalar is { } scalar)
            any.Add(scalar.Schema());
        foreach (var mapping in variants.Mappings)
            any.Add(Of(mapping, definitions));
        return new JsonObject { ["anyOf"] = any };
    }
}

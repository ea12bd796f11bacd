using System.Text.Json;
using System.Text.Json.Nodes;

namespace Headway.Models.Providers.Anthropic;

/// <summary>A JSON Schema as far as the API's own shaping of answers can express it.</summary>
/// <remarks>Source: platform.claude.com/docs/en/build-with-claude/structured-outputs. Rules it does not know (lengths, ranges, patterns) are told to the
/// model in the description and held against its answer here. What it would get wrong (open objects, recursion, `allOf`) is asked for in words instead:
/// an answer forced into a narrower shape would be valid and false.</remarks>
internal sealed class AnthropicSchema
{
    /// <summary>Beyond these the API answers that the schema is too complex.</summary>
    private const int MostOptional = 24;
    private const int MostUnions = 16;

    private static readonly string[] Definitions = ["$defs", "definitions"];
    private static readonly string[] Silent = ["$schema", "$id", "$comment"];
    private static readonly string[] Formats = ["date-time", "time", "date", "duration", "email", "hostname", "uri", "ipv4", "ipv6", "uuid"];

    private readonly JsonObject _root;
    private readonly Stack<string> _within = new();
    private int _optional;
    private int _unions;

    private AnthropicSchema(JsonObject root) => _root = root;

    /// <summary>Null: not to be expressed.</summary>
    public static JsonObject? Of(JsonObject root)
    {
        var schema = new AnthropicSchema(root);
        return schema.Shape(root) is { } shape && schema._optional <= MostOptional && schema._unions <= MostUnions ? shape : null;
    }

    private JsonObject? Shape(JsonNode? node)
    {
        if (node is not JsonObject schema)
            return null;
        var shape = new JsonObject();
        foreach (var name in Definitions.Where(schema.ContainsKey))
        {
            if (schema[name] is not JsonObject named || Each(named) is not { } definitions)
                return null;
            shape[name] = definitions;
        }

        if (schema.ContainsKey("$ref"))
            return Reference(schema, shape);
        if (schema.ContainsKey("allOf") || schema.ContainsKey("not"))
            return null;
        if (schema.ContainsKey("anyOf") || schema.ContainsKey("oneOf"))
            return Alternatives(schema, shape);
        return schema["type"] switch
        {
            JsonArray { Count: > 0 } types => Union(schema, types, shape),
            var type => Plain(schema, type.Text() ?? TypeOf(schema["enum"]), shape),
        };
    }

    private JsonObject? Reference(JsonObject schema, JsonObject shape)
    {
        var pointer = schema["$ref"].Text() ?? "";
        var parts = pointer.Split('/');
        if (parts is not ["#", "$defs" or "definitions", _] || _root[parts[1]].Object(parts[2]) is not { } target || _within.Contains(pointer))
            return null;

        // Walked for its cycles only; the definition itself is shaped where it stands.
        _within.Push(pointer);
        var (optional, unions) = (_optional, _unions);
        var sound = Shape(target) is not null;
        (_optional, _unions) = (optional, unions);
        _within.Pop();
        shape["$ref"] = pointer;
        return sound ? shape : null;
    }

    private JsonObject? Alternatives(JsonObject schema, JsonObject shape)
    {
        var word = schema.ContainsKey("anyOf") ? "anyOf" : "oneOf";
        if (schema[word] is not JsonArray list || schema.Any(member => member.Key != word && !IsNote(member.Key) && !Definitions.Contains(member.Key)))
            return null;
        _unions++;
        var shapes = list.Select(Shape).ToArray();
        if (shapes.Contains(null))
            return null;
        shape["anyOf"] = new JsonArray([.. shapes]);
        return Described(schema, shape, [word]);
    }

    /// <summary>`type: ["string", "null"]`</summary>
    private JsonObject? Union(JsonObject schema, JsonArray types, JsonObject shape)
    {
        if (schema.ContainsKey("enum"))
            return null;
        _unions++;
        var shapes = types.Select(type => Plain(schema, type.Text(), [])).ToArray();
        if (shapes.Contains(null))
            return null;
        shape["anyOf"] = new JsonArray([.. shapes]);
        return shape;
    }

    private JsonObject? Plain(JsonObject schema, string? type, JsonObject shape)
    {
        if (type is null)
            return null;
        shape["type"] = type;
        List<string> expressed = ["type", "enum"];
        if (schema["enum"] is JsonArray values)
            shape["enum"] = values.DeepClone();
        switch (type)
        {
            case "object":
                expressed.AddRange(["properties", "required", "additionalProperties"]);
                if (!Members(schema, shape))
                    return null;
                break;
            case "array":
                expressed.Add("items");
                if (Shape(schema["items"]) is not { } items)
                    return null;
                shape["items"] = items;
                if (schema["minItems"] is JsonValue least && least.ToJsonString() is "0" or "1")
                {
                    shape["minItems"] = schema["minItems"]!.DeepClone();
                    expressed.Add("minItems");
                }

                break;
            case "string" when Formats.Contains(schema["format"].Text()):
                shape["format"] = schema["format"]!.DeepClone();
                expressed.Add("format");
                break;
        }

        return Described(schema, shape, expressed);
    }

    /// <summary>The API closes every object; one that is open on purpose is not expressed by that.</summary>
    private bool Members(JsonObject schema, JsonObject shape)
    {
        var closed = schema["additionalProperties"] is JsonValue value && value.GetValueKind() is JsonValueKind.False;
        var properties = schema["properties"] as JsonObject;
        if (schema.ContainsKey("additionalProperties") && !closed || !closed && properties is not { Count: > 0 } || Each(properties ?? []) is not { } members)
            return false;
        var required = (schema["required"] as JsonArray ?? []).Select(Loosely.Text).ToArray();
        if (!required.All(name => name is not null && members.ContainsKey(name)))
            return false;
        _optional += members.Count - required.Distinct().Count();
        shape["properties"] = members;
        shape["additionalProperties"] = false;
        if (required.Length > 0)
            shape["required"] = schema["required"]!.DeepClone();
        return true;
    }

    private JsonObject? Each(JsonObject named)
    {
        var shapes = new JsonObject();
        foreach (var (name, schema) in named)
        {
            if (Shape(schema) is not { } shape)
                return null;
            shapes[name] = shape;
        }

        return shapes;
    }

    /// <summary>Title and description, and after them the rules that are only told.</summary>
    private static JsonObject Described(JsonObject schema, JsonObject shape, IReadOnlyCollection<string> expressed)
    {
        if (schema["title"].Text() is { } title)
            shape["title"] = title;
        var told = schema.Where(member => !expressed.Contains(member.Key) && !Definitions.Contains(member.Key) && !Silent.Contains(member.Key)
            && member.Key is not ("title" or "description") && !member.Key.StartsWith("x-", StringComparison.Ordinal)).Select(member => $"{member.Key}: {member.Value.Json()}").ToArray();
        var description = schema["description"].Text();
        if (told.Length > 0)
            description = $"{(description is null ? "" : description + "\n\n")}{{{string.Join(", ", told)}}}";
        if (description is not null)
            shape["description"] = description;
        return shape;
    }

    private static bool IsNote(string word) => word is "title" or "description" or "default" or "examples" or "example" || Silent.Contains(word) || word.StartsWith("x-", StringComparison.Ordinal);

    /// <summary>An enumeration that says no type: that of its values, where they have one in common.</summary>
    private static string? TypeOf(JsonNode? values)
    {
        if (values is not JsonArray { Count: > 0 } list)
            return null;
        var kinds = list.Select(value => value?.GetValueKind() switch
        {
            JsonValueKind.String => "string",
            JsonValueKind.Number => "number",
            JsonValueKind.True or JsonValueKind.False => "boolean",
            _ => null,
        }).Distinct().ToArray();
        return kinds.Length == 1 ? kinds[0] : null;
    }
}

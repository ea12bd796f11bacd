using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.Features.Schemas;

namespace Headway.Handlers.Prompt;

/// <summary>The `response_format` that asks a model for a value of a schema.</summary>
internal static class ResponseFormat
{
    private const int LongestName = 64;

    public static JsonObject Of(ValueSchema schema, string name) => new()
    {
        ["type"] = "json_schema",
        ["json_schema"] = new JsonObject
        {
            ["name"] = string.Concat(name.Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' ? letter : '_').Take(LongestName)),
            ["strict"] = schema.Walk.Schemas.Values.All(IsStrict),
            ["schema"] = schema.Walk.Root.DeepClone(),
        },
    };

    /// <summary>Strict decoding takes only closed objects of which every property is required; asked for anything else, the API answers 400.</summary>
    private static bool IsStrict(JsonObject schema)
    {
        if (schema.ContainsKey("oneOf") || schema.ContainsKey("allOf") || schema.ContainsKey("not") || schema["items"] is JsonArray)
            return false;
        if (schema["properties"] is not JsonObject properties)
            return schema["type"]?.ToString() != "object";
        var required = (schema["required"] as JsonArray)?.Select(name => name?.ToString()).ToHashSet() ?? [];
        return schema["additionalProperties"]?.GetValueKind() is JsonValueKind.False && properties.All(property => required.Contains(property.Key));
    }
}

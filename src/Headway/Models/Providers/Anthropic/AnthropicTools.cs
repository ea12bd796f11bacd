using System.Text.Json;
using System.Text.Json.Nodes;

namespace Headway.Models.Providers.Anthropic;

/// <summary>The tools that may be called, and whether one must be.</summary>
internal static class AnthropicTools
{
    public static void Write(JsonObject asked, JsonObject body, Claude claude, Objections objections)
    {
        if (asked["tools"] is not JsonArray { Count: > 0 } tools)
            return;
        var made = new JsonArray();
        for (var i = 0; i < tools.Count; i++)
        {
            if (Tool(tools[i], claude) is { } tool)
                made.Add((JsonNode)tool);
            else
                objections.Add($"tools[{i}]", "only functions are known, and they have a name");
        }

        body["tools"] = made;
        var choice = Choice(asked["tool_choice"], objections);
        if (asked["parallel_tool_calls"] is JsonValue parallel && parallel.GetValueKind() is JsonValueKind.False && choice?["type"].Text() is not "none")
            (choice ??= new JsonObject { ["type"] = "auto" })["disable_parallel_tool_use"] = true;
        if (choice is not null)
            body["tool_choice"] = choice;
    }

    private static JsonObject? Tool(JsonNode? tool, Claude claude)
    {
        var function = tool.Object("function");
        if (tool.Member("type").Text() is not (null or "function") || function.Member("name").Text() is not { Length: > 0 } name)
            return null;
        var shape = function.Object("parameters")?.DeepClone() as JsonObject ?? [];
        if (!shape.ContainsKey("type"))
            shape["type"] = "object";
        var made = new JsonObject { ["name"] = name };
        if (function.Member("description").Text() is { Length: > 0 } description)
            made["description"] = description;

        // Without strict the arguments are held to the schema as well as the model can; whoever gets them checks them either way.
        if (function.Member("strict") is JsonValue strict && strict.GetValueKind() is JsonValueKind.True && claude.TakesShapes && AnthropicSchema.Of(shape) is { } strictShape)
        {
            made["strict"] = true;
            shape = strictShape;
        }

        made["input_schema"] = shape;
        if (tool.Object("cache_control") is { } cache)
            made["cache_control"] = cache.DeepClone();
        return made;
    }

    private static JsonObject? Choice(JsonNode? choice, Objections objections)
    {
        switch (choice.Text() ?? choice.Member("type").Text())
        {
            case null when choice is null:
                return null;
            case "auto":
                return new JsonObject { ["type"] = "auto" };
            case "required":
                return new JsonObject { ["type"] = "any" };
            case "none":
                return new JsonObject { ["type"] = "none" };
            case "function" when choice.Object("function").Member("name").Text() is { } name:
                return new JsonObject { ["type"] = "tool", ["name"] = name };
            default:
                objections.Add("tool_choice", "known are auto, required, none and the name of one function");
                return null;
        }
    }
}

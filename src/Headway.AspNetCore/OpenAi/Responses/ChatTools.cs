using System.Text.Json.Nodes;
using Headway.AspNetCore.Errors;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>Tools, the choice among them, and the form of the text, as a chat completion says them.</summary>
internal static class ChatTools
{
    public static Problem? Judge(JsonObject body) => JudgeTools(body["tools"] as JsonArray ?? []) ?? JudgeChoice(body["tool_choice"]) ?? JudgeFormat(body["text"].Of("format"));

    private static Problem? JudgeTools(JsonArray tools)
    {
        for (var i = 0; i < tools.Count; i++)
        {
            if (tools[i].Of("type").Text() != "function")
                return Nodes.Wrong($"tools[{i}].type", $"`tools[{i}].type` must be function: tools of other kinds are not hosted here. Give a feature `tools` in the feature file instead.");
            if (tools[i].Of("name").Text() is not { Length: > 0 }) return Nodes.Wrong($"tools[{i}].name", $"`tools[{i}].name` must name the function.");
            if (tools[i].Of("parameters") is not (null or JsonObject)) return Nodes.Wrong($"tools[{i}].parameters", $"`tools[{i}].parameters` must be a JSON schema, which is an object.");
        }

        return null;
    }

    private static Problem? JudgeChoice(JsonNode? choice)
    {
        if (choice is null || choice.Text() is "auto" or "none" or "required") return null;
        if (choice.Of("type").Text() == "function" && choice.Of("name").Text() is { Length: > 0 }) return null;
        if (choice.Of("type").Text() == "allowed_tools" && choice.Of("tools") is JsonArray allowed && choice.Of("mode").Text() is "auto" or "required"
            && allowed.All(tool => tool.Of("type").Text() == "function" && tool.Of("name").Text() is not null)) return null;
        return Nodes.Wrong("tool_choice", "`tool_choice` must be auto, none, required, {\"type\":\"function\",\"name\":…} or {\"type\":\"allowed_tools\",\"mode\":…,\"tools\":[…]} of functions.");
    }

    private static Problem? JudgeFormat(JsonNode? format) => format.Of("type").Text() switch
    {
        null when format is null => null,
        "text" or "json_object" => null,
        "json_schema" => format.Of("name").Text() is { Length: > 0 } && format.Of("schema") is JsonObject
            ? null
            : Nodes.Wrong("text.format", "`text.format` of the type json_schema needs a name, and a schema that is an object."),
        _ => Nodes.Wrong("text.format.type", "`text.format.type` must be text, json_schema or json_object."),
    };

    public static void Write(JsonObject body, JsonObject chat)
    {
        var choice = body["tool_choice"];
        var allowed = choice.Of("type").Text() == "allowed_tools" ? ((JsonArray)choice.Of("tools")!).Select(tool => tool.Of("name").Text()).ToHashSet() : null;
        var tools = (body["tools"] as JsonArray ?? []).Where(tool => allowed?.Contains(tool.Of("name").Text()) is not false).Select(Tool).ToList();
        if (tools.Count > 0)
        {
            chat["tools"] = new JsonArray([.. tools]);
            if (Choice(choice) is { } said) chat["tool_choice"] = said;
            // Refused by servers where there is nothing to call.
            if (body["parallel_tool_calls"].Flag() is { } parallel) chat["parallel_tool_calls"] = parallel;
        }

        if (FormatOf(body["text"].Of("format")) is { } format) chat["response_format"] = format;
        if (body["text"].Of("verbosity").Text() is { } verbosity) chat["verbosity"] = verbosity;
    }

    private static JsonNode Tool(JsonNode? tool) => new JsonObject
    {
        ["type"] = "function",
        ["function"] = InputParts.Without(new JsonObject
        {
            ["name"] = tool.Of("name").Text(),
            ["description"] = tool.Of("description").Text(),
            ["parameters"] = tool.Of("parameters")?.DeepClone(),
            ["strict"] = tool.Of("strict").Flag(),
        }),
    };

    private static JsonNode? Choice(JsonNode? choice) => choice.Of("type").Text() switch
    {
        "function" => new JsonObject { ["type"] = "function", ["function"] = new JsonObject { ["name"] = choice.Of("name").Text() } },
        // Every server knows fewer tools; few know a list of those allowed.
        "allowed_tools" => choice.Of("mode").Text(),
        _ => choice.Text(),
    };

    private static JsonObject? FormatOf(JsonNode? format) => format.Of("type").Text() switch
    {
        "json_object" => new JsonObject { ["type"] = "json_object" },
        "json_schema" => new JsonObject
        {
            ["type"] = "json_schema",
            ["json_schema"] = InputParts.Without(new JsonObject
            {
                ["name"] = format.Of("name").Text(),
                ["description"] = format.Of("description").Text(),
                ["schema"] = format.Of("schema")!.DeepClone(),
                ["strict"] = format.Of("strict").Flag(),
            }),
        },
        _ => null,
    };
}

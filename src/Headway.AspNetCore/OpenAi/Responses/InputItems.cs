using System.Text.Json.Nodes;
using Headway.AspNetCore.Errors;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>The `input` of a request as items in the one form that they are given back in; or what is wrong with one, by its place.</summary>
internal static class InputItems
{
    private static readonly HashSet<string> Roles = ["user", "assistant", "system", "developer"];

    public static (Problem? Problem, JsonArray Items) Of(JsonNode? input, string param = "input")
    {
        if (input.Text() is { } text) return (null, [Said("user", [Part("input_text", text)])]);
        if (input is not JsonArray list || list.Count == 0) return (Nodes.Wrong(param, $"`{param}` must be a text, or a list of at least one item."), []);
        var items = new JsonArray();
        for (var i = 0; i < list.Count; i++)
        {
            var (problem, item) = Item(list[i], $"{param}[{i}]");
            if (problem is not null) return (problem, []);
            items.Add(item);
        }

        return (null, items);
    }

    private static (Problem?, JsonObject?) Item(JsonNode? node, string place)
    {
        if (node is not JsonObject item) return (Nodes.Wrong(place, $"`{place}` must be an item, which is an object."), null);
        return item["type"].Text() switch
        {
            "message" => Turn(item, place),
            null when item["type"] is null && item["role"] is not null => Turn(item, place),
            "function_call" => Call(item, place),
            "function_call_output" => Output(item, place),
            "reasoning" => Thought(item, place),
            "compaction" => Summary(item, place),
            "item_reference" => (Nodes.Wrong($"{place}.type", $"`{place}.type`: items are not kept under ids of their own. Send the item, or go on from its response with `previous_response_id`."), null),
            var type => (Nodes.Wrong($"{place}.type", $"`{place}.type` is {Phrases.Quote(type ?? item["type"]?.ToJsonString() ?? "not said")}. Known are message, function_call, function_call_output, reasoning and compaction."), null),
        };
    }

    private static (Problem?, JsonObject?) Turn(JsonObject item, string place)
    {
        if (item["role"].Text() is not { } role || !Roles.Contains(role)) return (Nodes.Wrong($"{place}.role", $"`{place}.role` must be user, assistant, system or developer."), null);
        var text = role == "assistant" ? "output_text" : "input_text";
        if (item["content"].Text() is { } whole) return (null, WithId(item, Said(role, [Part(text, whole)])));
        if (item["content"] is not JsonArray said) return (Nodes.Wrong($"{place}.content", $"`{place}.content` must be a text or a list of parts."), null);
        var parts = new JsonArray();
        for (var i = 0; i < said.Count; i++)
        {
            if (InputParts.Judge(said[i], role, $"{place}.content[{i}]") is { } wrong) return (wrong, null);
            var part = said[i]!.DeepClone().AsObject();
            if (part["type"].Text() == "output_text") part.TryAdd("annotations", new JsonArray());
            parts.Add(part);
        }

        return (null, WithId(item, Said(role, parts)));
    }

    private static (Problem?, JsonObject?) Call(JsonObject item, string place)
    {
        var missing = new[] { "call_id", "name", "arguments" }.FirstOrDefault(name => item[name].Text() is null);
        if (missing is not null) return (Nodes.Wrong($"{place}.{missing}", $"`{place}.{missing}` must be a text."), null);
        return (null, WithId(item, new JsonObject
        {
            ["type"] = "function_call",
            ["status"] = "completed",
            ["call_id"] = item["call_id"].Text(),
            ["name"] = item["name"].Text(),
            ["arguments"] = item["arguments"].Text(),
        }));
    }

    private static (Problem?, JsonObject?) Output(JsonObject item, string place)
    {
        if (item["call_id"].Text() is not { Length: > 0 } call) return (Nodes.Wrong($"{place}.call_id", $"`{place}.call_id` must name the call that this is the output of."), null);
        switch (item["output"])
        {
            case JsonArray parts:
                for (var i = 0; i < parts.Count; i++)
                    if (InputParts.Judge(parts[i], "tool", $"{place}.output[{i}]") is { } wrong) return (wrong, null);
                break;
            case var other when other.Text() is null:
                return (Nodes.Wrong($"{place}.output", $"`{place}.output` must be a text or a list of parts."), null);
        }

        return (null, WithId(item, new JsonObject { ["type"] = "function_call_output", ["status"] = "completed", ["call_id"] = call, ["output"] = item["output"]!.DeepClone() }));
    }

    private static (Problem?, JsonObject?) Thought(JsonObject item, string place)
    {
        if (item["summary"] is not (null or JsonArray)) return (Nodes.Wrong($"{place}.summary", $"`{place}.summary` must be a list."), null);
        var thought = new JsonObject { ["type"] = "reasoning", ["summary"] = item["summary"]?.DeepClone() ?? new JsonArray() };
        if (item["content"] is JsonArray content) thought["content"] = content.DeepClone();
        if (item["encrypted_content"].Text() is { } sealedText) thought["encrypted_content"] = sealedText;
        return (null, WithId(item, thought));
    }

    /// <summary>What it says is looked at when it is known who is told.</summary>
    private static (Problem?, JsonObject?) Summary(JsonObject item, string place) => Summaries.MayBeOne(item["encrypted_content"].Text())
        ? (null, WithId(item, new JsonObject { ["type"] = "compaction", ["encrypted_content"] = item["encrypted_content"].Text() }))
        : (Summaries.Unknown($"{place}.encrypted_content"), null);

    private static JsonObject Said(string role, JsonArray content) => new() { ["type"] = "message", ["status"] = "completed", ["role"] = role, ["content"] = content };

    private static JsonObject Part(string type, string text) => type == "output_text"
        ? new JsonObject { ["type"] = type, ["text"] = text, ["annotations"] = new JsonArray() }
        : new JsonObject { ["type"] = type, ["text"] = text };

    private static JsonObject WithId(JsonObject item, JsonObject made)
    {
        if (item["id"].Text() is { Length: > 0 } id) made.Insert(0, "id", id);
        if (item["phase"].Text() is { } phase) made["phase"] = phase;
        return made;
    }
}

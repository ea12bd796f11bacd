using System.Text.Json.Nodes;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>Items as the turns of a chat completion. What an assistant thought, said and called in a row is one turn there.</summary>
internal sealed class ChatTurns
{
    private readonly JsonArray _turns = [];
    private JsonObject? _assistant;
    private JsonArray _said = [];

    public static JsonArray Of(string? instructions, IEnumerable<JsonNode?> items)
    {
        var turns = new ChatTurns();
        if (!string.IsNullOrEmpty(instructions)) turns._turns.Add(new JsonObject { ["role"] = "system", ["content"] = instructions });
        foreach (var item in items) turns.Add((JsonObject)item!);
        turns.EndAssistant();
        return turns._turns;
    }

    private void Add(JsonObject item)
    {
        switch (item["type"].Text())
        {
            case "reasoning":
                Think(item);
                break;
            case "compaction":
                EndAssistant();
                // Made of what users said, too, so it has no more weight than they.
                _turns.Add(new JsonObject { ["role"] = "user", ["content"] = Summaries.Told(item["summary"].Text()) });
                break;
            case "function_call":
                Call(item);
                break;
            case "function_call_output":
                EndAssistant();
                _turns.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = item["call_id"].Text(), ["content"] = item["output"] is JsonArray parts ? InputParts.ContentOf(parts) : item["output"].Text() });
                break;
            case "message" when item["role"].Text() == "assistant":
                Say((JsonArray)item["content"]!);
                break;
            default:
                EndAssistant();
                // Known to every server, which `developer` is not.
                _turns.Add(new JsonObject { ["role"] = item["role"].Text() == "user" ? "user" : "system", ["content"] = InputParts.ContentOf((JsonArray)item["content"]!) });
                break;
        }
    }

    /// <summary>Only what its model signed is told to it again: other thoughts are for reading.</summary>
    private void Think(JsonObject item)
    {
        if (Thoughts.Open(item["encrypted_content"].Text()) is not { } blocks) return;
        if (_assistant is { Count: > 1 } && !_assistant.ContainsKey("tool_calls")) EndAssistant();
        if (Assistant["thinking_blocks"] is JsonArray known) blocks = [.. known.Concat(blocks).Select(block => block?.DeepClone())];
        Assistant["thinking_blocks"] = blocks;
    }

    private void Say(JsonArray content)
    {
        // What stands behind its calls belongs to their turn: nothing may come between calls and their outputs.
        if (_assistant?.ContainsKey("tool_calls") is true) content = [.. _said.Select(part => part!.DeepClone()), .. content.Select(part => part!.DeepClone())];
        else if (_assistant?.ContainsKey("content") is true) EndAssistant();
        _said = content;
        var refusal = string.Concat(content.Select(part => part.Of("refusal").Text()));
        Assistant["content"] = InputParts.ContentOf([.. content.Where(part => part.Of("refusal") is null).Select(part => part!.DeepClone())]);
        if (refusal.Length > 0) Assistant["refusal"] = refusal;
    }

    private void Call(JsonObject item)
    {
        if (Assistant["tool_calls"] is not JsonArray calls) Assistant["tool_calls"] = calls = [];
        calls.Add(new JsonObject
        {
            ["id"] = item["call_id"].Text(),
            ["type"] = "function",
            ["function"] = new JsonObject { ["name"] = item["name"].Text(), ["arguments"] = item["arguments"].Text() },
        });
    }

    private JsonObject Assistant => _assistant ??= new JsonObject { ["role"] = "assistant" };

    private void EndAssistant()
    {
        if (_assistant is null) return;
        _assistant.TryAdd("content", null);
        _turns.Add(_assistant);
        (_assistant, _said) = (null, []);
    }
}

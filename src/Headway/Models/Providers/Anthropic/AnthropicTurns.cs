using System.Text.Json;
using System.Text.Json.Nodes;

namespace Headway.Models.Providers.Anthropic;

/// <summary>The turns of a chat completion as `system` and `messages` of the Messages API.</summary>
/// <remarks>There, a system text stands before all turns wherever it was said, results of tools are the user's, and neighbours of one role are one turn.</remarks>
internal sealed class AnthropicTurns(Objections objections)
{
    private readonly AnthropicParts _parts = new(objections);

    public JsonArray System { get; } = [];
    public JsonArray Turns { get; } = [];

    public void Read(JsonNode? messages)
    {
        if (messages is not JsonArray list)
        {
            objections.Add("messages", "they must be a list");
            return;
        }

        for (var i = 0; i < list.Count; i++)
            Read(list[i], $"messages[{i}]");
        EndPrefill();
        if (Turns.Count == 0)
            objections.Add("messages", "there is no turn with a text of the user; a system text alone is not answered");
    }

    private void Read(JsonNode? turn, string place)
    {
        switch (turn.Member("role").Text())
        {
            case "system" or "developer":
                foreach (var part in _parts.Of(turn.Member("content"), $"{place}.content", textOnly: true))
                    System.Add(part);
                break;
            case "user":
                Add("user", _parts.Of(turn.Member("content"), $"{place}.content"));
                break;
            case "assistant":
                Add("assistant", [.. Thoughts(turn), .. _parts.Of(turn.Member("content"), $"{place}.content", textOnly: true), .. Calls(turn.Member("tool_calls"), place)]);
                break;
            case "tool":
                Add("user", [Result(turn, place)]);
                break;
            case var role:
                objections.Add($"{place}.role", $"'{role}' has no counterpart; known are system, developer, user, assistant and tool");
                break;
        }
    }

    /// <summary>What an earlier answer thought, signed, as <see cref="CompletionWire"/> gave it: the API checks it and thinks on from there.</summary>
    private static IEnumerable<JsonNode> Thoughts(JsonNode? turn) =>
        (turn.Member("thinking_blocks") as JsonArray ?? []).Where(block => block.Member("type").Text() is "thinking" or "redacted_thinking").Select(block => block!.DeepClone());

    private IEnumerable<JsonNode> Calls(JsonNode? calls, string place)
    {
        if (calls is not JsonArray list)
            yield break;
        for (var i = 0; i < list.Count; i++)
        {
            var function = list[i].Object("function");
            if (function.Member("name").Text() is not { } name)
                objections.Add($"{place}.tool_calls[{i}]", "only calls of functions are known, and they have a name");
            else if (Arguments(function.Member("arguments").Text()) is not { } arguments)
                objections.Add($"{place}.tool_calls[{i}].function.arguments", "they must be the text of a JSON object");
            else
                yield return new JsonObject { ["type"] = "tool_use", ["id"] = Id(list[i].Member("id").Text()), ["name"] = name, ["input"] = arguments };
        }
    }

    private JsonObject Result(JsonNode? turn, string place)
    {
        var result = new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = Id(turn.Member("tool_call_id").Text()) };
        var content = turn.Member("content");
        if (content is JsonArray)
            result["content"] = new JsonArray([.. _parts.Of(content, $"{place}.content")]);
        else if (content.Text() is { Length: > 0 } text)
            result["content"] = text;
        return result;
    }

    private void Add(string role, IReadOnlyList<JsonNode> parts)
    {
        // A turn without content is refused by the API; it says nothing, so nothing is lost.
        if (parts.Count == 0)
            return;
        if (Turns.Count > 0 && Turns[^1].Member("role").Text() == role)
        {
            var same = (JsonArray)Turns[^1]!["content"]!;
            foreach (var part in parts)
                same.Add(part);
            return;
        }

        Turns.Add((JsonNode)new JsonObject { ["role"] = role, ["content"] = new JsonArray([.. parts]) });
    }

    /// <summary>A last turn of the assistant is where the answer goes on, and may not end in white space.</summary>
    private void EndPrefill()
    {
        if (Turns.Count > 0 && Turns[^1].Member("role").Text() == "assistant" && ((JsonArray)Turns[^1]!["content"]!)[^1] is JsonObject last && last["text"].Text() is { } text)
            last["text"] = text.TrimEnd();
    }

    private static JsonObject? Arguments(string? text)
    {
        try
        {
            return string.IsNullOrWhiteSpace(text) ? [] : JsonNode.Parse(text) as JsonObject;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Other providers use more characters in their ids than this API takes; call and result are changed alike.</summary>
    private static string Id(string? id) => string.Concat((id ?? "").Select(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' ? letter : '_'));
}

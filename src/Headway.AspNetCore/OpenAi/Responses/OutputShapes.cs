using System.Text.Json.Nodes;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>The items of an output, each with every field that it always has.</summary>
internal static class OutputShapes
{
    public static JsonObject Turn(string id, string status, JsonArray content) => new()
    {
        ["id"] = id,
        ["type"] = "message",
        ["status"] = status,
        ["role"] = "assistant",
        ["content"] = content,
    };

    public static JsonObject Text(string text, JsonNode? probabilities = null) => new()
    {
        ["type"] = "output_text",
        ["text"] = text,
        ["annotations"] = new JsonArray(),
        ["logprobs"] = probabilities ?? new JsonArray(),
    };

    public static JsonObject Refusal(string text) => new() { ["type"] = "refusal", ["refusal"] = text };

    public static JsonObject Call(string id, string status, string call, string name, string arguments) => new()
    {
        ["id"] = id,
        ["type"] = "function_call",
        ["status"] = status,
        ["call_id"] = call,
        ["name"] = name,
        ["arguments"] = arguments,
    };

    /// <param name="thoughts">Signed; null: none, or not asked for.</param>
    public static JsonObject Reasoning(string id, string status, string? text, JsonArray? thoughts)
    {
        var item = new JsonObject
        {
            ["id"] = id,
            ["type"] = "reasoning",
            ["status"] = status,
            ["summary"] = new JsonArray(),
            ["content"] = string.IsNullOrEmpty(text) ? new JsonArray() : new JsonArray(ReasoningText(text)),
        };
        if (thoughts is { Count: > 0 }) item["encrypted_content"] = Thoughts.Seal(thoughts);
        return item;
    }

    public static JsonObject ReasoningText(string text) => new() { ["type"] = "reasoning_text", ["text"] = text };

    /// <summary>What a model thought aloud, by the names that servers give it.</summary>
    public static string? ThoughtOf(JsonNode? turn) => turn.Of("reasoning_content").Text() ?? turn.Of("reasoning").Text();

    public static JsonArray? Probabilities(JsonNode? choice) => choice.Of("logprobs").Of("content") is JsonArray { Count: > 0 } tokens ? tokens : null;
}

using System.Text.Json;
using System.Text.Json.Nodes;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>Signed thoughts (`thinking_blocks` of a chat completion) as the `encrypted_content` of a reasoning item. They are the model's to check, not ours.</summary>
internal static class Thoughts
{
    private const string Prefix = "thinking.";

    public static string Seal(JsonArray blocks) => Prefix + Convert.ToBase64String(blocks.Bytes());

    /// <summary>Null: none, or those of another maker.</summary>
    public static JsonArray? Open(string? text)
    {
        if (text?.StartsWith(Prefix, StringComparison.Ordinal) is not true) return null;
        try
        {
            return JsonNode.Parse(Convert.FromBase64String(text[Prefix.Length..])) as JsonArray;
        }
        catch (Exception broken) when (broken is FormatException or JsonException)
        {
            return null;
        }
    }
}

using System.Text.Json.Nodes;
using Headway.AspNetCore.Features;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>Signed thoughts (`thinking_blocks` of a chat completion) as the `encrypted_content` of a reasoning item. They are the model's to check, not ours.</summary>
internal static class Thoughts
{
    private const string Prefix = "thinking.";

    public static string Seal(JsonArray blocks) => Prefix + Convert.ToBase64String(blocks.Bytes());

    /// <summary>Null: none, those of another maker, or nothing that each reader would read alike.</summary>
    public static JsonArray? Open(string? text)
    {
        if (text?.StartsWith(Prefix, StringComparison.Ordinal) is not true) return null;
        var bytes = new byte[text.Length];
        if (!Convert.TryFromBase64Chars(text.AsSpan(Prefix.Length), bytes, out var length)) return null;
        ReadOnlyMemory<byte> json = bytes.AsMemory(0, length);
        if (JsonBody.Check(ref json) is not null || JsonBody.Parse(json, out var parsed) is not null) return null;
        parsed!.Dispose();
        return JsonNode.Parse(json.Span) as JsonArray;
    }
}

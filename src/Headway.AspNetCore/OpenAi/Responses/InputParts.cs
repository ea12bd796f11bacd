using System.Text.Json.Nodes;
using Headway.AspNetCore.Errors;

namespace Headway.AspNetCore.OpenAi.Responses;

/// <summary>The parts of an item: which may stand where, and what they are in a chat completion.</summary>
internal static class InputParts
{
    public static Problem? Judge(JsonNode? part, string role, string place)
    {
        var type = part.Of("type").Text();
        return type switch
        {
            "input_text" or "output_text" => part.Of("text").Text() is null ? Nodes.Wrong($"{place}.text", $"`{place}.text` must be a text.") : null,
            "refusal" when role == "assistant" => part.Of("refusal").Text() is null ? Nodes.Wrong($"{place}.refusal", $"`{place}.refusal` must be a text.") : null,
            "input_image" when role == "user" => Held(part, "image_url", "an address or a data: URL", place),
            "input_file" when role == "user" => Held(part, "file_data", "a data: URL in base64", place),
            "input_audio" when role == "user" => part.Of("input_audio") is JsonObject ? null : Nodes.Wrong($"{place}.input_audio", $"`{place}.input_audio` must hold data and format."),
            "input_image" or "input_file" or "input_audio" => Nodes.Wrong($"{place}.type", $"`{place}.type`: {type} may stand in what the user says, and nowhere else."),
            _ => Nodes.Wrong($"{place}.type", $"`{place}.type` is {Phrases.Quote(type ?? "not said")}. Known are input_text, input_image, input_file and input_audio; of the assistant output_text and refusal."),
        };
    }

    /// <summary>The content itself, or the id of a file that is kept here.</summary>
    private static Problem? Held(JsonNode? part, string inline, string what, string place)
    {
        if (part.Of("file_url") is not null) return Nodes.Wrong($"{place}.file_url", $"`{place}.file_url`: files are not fetched. Send the content in `{inline}`, or keep it (POST /v1/files) and name it in `file_id`.");
        var (named, held) = (part.Of("file_id"), part.Of(inline));
        if (named is not null && held is not null) return Nodes.Wrong($"{place}.file_id", $"`{place}` has both `file_id` and `{inline}`: send one of them.");
        if (named is not null) return named.Text() is null ? Nodes.Wrong($"{place}.file_id", $"`{place}.file_id` must be the id of a file.") : null;
        return held.Text() is null ? Nodes.Wrong($"{place}.{inline}", $"`{place}.{inline}` must be {what}; or `file_id` the id of a file that is kept here.") : null;
    }

    /// <summary>What is not text stays a list of parts, because plain servers take a text only.</summary>
    public static JsonNode? ContentOf(JsonArray parts)
    {
        if (parts.All(part => part.Of("type").Text() is "input_text" or "output_text")) return parts.Count == 0 ? "" : string.Concat(parts.Select(part => part.Of("text").Text()));
        return new JsonArray([.. parts.Select(Chat)]);
    }

    private static JsonNode? Chat(JsonNode? part) => part.Of("type").Text() switch
    {
        "input_image" => new JsonObject { ["type"] = "image_url", ["image_url"] = Without(new JsonObject { ["url"] = part.Of("image_url").Text(), ["file_id"] = part.Of("file_id").Text(), ["detail"] = part.Of("detail").Text() }) },
        "input_file" => new JsonObject { ["type"] = "file", ["file"] = Without(new JsonObject { ["filename"] = part.Of("filename").Text(), ["file_id"] = part.Of("file_id").Text(), ["file_data"] = part.Of("file_data").Text() }) },
        "input_audio" => new JsonObject { ["type"] = "input_audio", ["input_audio"] = part.Of("input_audio")!.DeepClone() },
        _ => new JsonObject { ["type"] = "text", ["text"] = part.Of("text").Text() },
    };

    /// <summary>Without what is not said.</summary>
    public static JsonObject Without(JsonObject members)
    {
        foreach (var name in members.Where(member => member.Value is null).Select(member => member.Key).ToList()) members.Remove(name);
        return members;
    }
}

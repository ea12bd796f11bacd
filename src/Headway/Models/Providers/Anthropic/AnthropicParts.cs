using System.Text;
using System.Text.Json.Nodes;

namespace Headway.Models.Providers.Anthropic;

/// <summary>The parts of a turn as content blocks.</summary>
internal sealed class AnthropicParts(Objections objections)
{
    private const string ImageTypes = "image/jpeg, image/png, image/gif and image/webp";

    /// <param name="textOnly">For turns of which the API takes nothing else.</param>
    public IReadOnlyList<JsonNode> Of(JsonNode? content, string place, bool textOnly = false)
    {
        if (content is not JsonArray parts)
        {
            if (content is not null && content.Text() is null)
                objections.Add(place, "it must be a text or a list of parts");
            return Text(content) is { } whole ? [whole] : [];
        }

        var blocks = new List<JsonNode>();
        for (var i = 0; i < parts.Count; i++)
        {
            if (Part(parts[i], $"{place}[{i}]", textOnly) is not { } block)
                continue;
            if (parts[i].Object("cache_control") is { } cache)
                block["cache_control"] = cache.DeepClone();
            blocks.Add(block);
        }

        return blocks;
    }

    private JsonObject? Part(JsonNode? part, string place, bool textOnly)
    {
        var type = part.Member("type").Text();
        switch (type)
        {
            case "text":
                return Text(part.Member("text"));
            case "refusal":
                return Text(part.Member("refusal"));
            case "image_url" when !textOnly:
                return Image(part.Object("image_url").Member("url").Text(), $"{place}.image_url.url");
            case "file" when !textOnly:
                return Document(part.Object("file"), $"{place}.file");
            case "input_audio":
                objections.Add(place, "it does not hear; name a model that takes audio, or send the text of it");
                return null;
            default:
                objections.Add(place, textOnly ? $"only text may stand here, not '{type}'" : $"a part of the type '{type}' has no counterpart; known are text, image_url and file");
                return null;
        }
    }

    /// <summary>Blocks without a visible character are refused by the API.</summary>
    private static JsonObject? Text(JsonNode? text) =>
        text.Text() is { } said && !string.IsNullOrWhiteSpace(said) ? new JsonObject { ["type"] = "text", ["text"] = said } : null;

    private JsonObject? Image(string? url, string place)
    {
        if (url is not null && url.StartsWith("https://", StringComparison.OrdinalIgnoreCase))
            return new JsonObject { ["type"] = "image", ["source"] = new JsonObject { ["type"] = "url", ["url"] = url } };
        if (DataUrl.Of(url) is not { } data)
            objections.Add(place, "it must be a data: URL in base64 or begin with https://");
        else if (data.MediaType is not ("image/jpeg" or "image/png" or "image/gif" or "image/webp"))
            objections.Add(place, $"it does not see {data.MediaType}; known are {ImageTypes}");
        else
            return new JsonObject { ["type"] = "image", ["source"] = data.Source() };
        return null;
    }

    private JsonObject? Document(JsonObject? file, string place)
    {
        if (DataUrl.Of(file.Member("file_data").Text()) is not { } data)
        {
            objections.Add(place, "file_data must be a data: URL in base64; files that were uploaded to OpenAI are not here");
            return null;
        }

        if (data.MediaType.StartsWith("image/", StringComparison.Ordinal))
            return Image(file.Member("file_data").Text(), $"{place}.file_data");
        var source = data.MediaType == "application/pdf" ? data.Source() : data.MediaType.StartsWith("text/", StringComparison.Ordinal) ? data.TextSource() : null;
        if (source is null)
        {
            objections.Add($"{place}.file_data", $"it does not read {data.MediaType}; known are application/pdf, text and {ImageTypes}");
            return null;
        }

        var document = new JsonObject { ["type"] = "document", ["source"] = source };
        if (file.Member("filename").Text() is { Length: > 0 } name)
            document["title"] = name;
        return document;
    }

    /// <summary>`data:image/png;base64,…`</summary>
    private sealed record DataUrl(string MediaType, string Base64)
    {
        public static DataUrl? Of(string? url)
        {
            const string mark = ";base64,";
            if (url is null || !url.StartsWith("data:", StringComparison.OrdinalIgnoreCase) || url.IndexOf(mark, StringComparison.OrdinalIgnoreCase) is not (> 0 and var at))
                return null;
            var type = url[5..at].Split(';')[0].Trim().ToLowerInvariant();
            return new DataUrl(type == "image/jpg" ? "image/jpeg" : type, url[(at + mark.Length)..]);
        }

        public JsonObject Source() => new() { ["type"] = "base64", ["media_type"] = MediaType, ["data"] = Base64 };

        /// <summary>Null: not base64.</summary>
        public JsonObject? TextSource()
        {
            var bytes = new byte[Base64.Length];
            return Convert.TryFromBase64String(Base64, bytes, out var length)
                ? new JsonObject { ["type"] = "text", ["media_type"] = "text/plain", ["data"] = Encoding.UTF8.GetString(bytes, 0, length) }
                : null;
        }
    }
}

using System.Text;
using System.Text.Json.Nodes;

namespace Headway.Handlers.Prompt;

/// <summary>Files as parts of a turn, in the forms of the OpenAI API (image_url, input_audio, file).</summary>
internal static class FileParts
{
    /// <summary>The text alone, or the text with the files after it.</summary>
    public static async ValueTask<(JsonNode? Content, Failure? Failure)> ContentAsync(string text, IReadOnlyList<InputFile> files, CancellationToken stop)
    {
        if (files.Count == 0)
            return (JsonValue.Create(text), null);
        var parts = new JsonArray();
        if (text.Length > 0)
            parts.Add(new JsonObject { ["type"] = "text", ["text"] = text });
        foreach (var file in files)
        {
            if (await PartAsync(file, stop).ConfigureAwait(false) is not { } part)
                return (null, PromptFailures.File(file));
            parts.Add(part);
        }

        return (parts, null);
    }

    public static bool IsText(InputFile file) => TypeOf(file).StartsWith("text/", StringComparison.Ordinal);

    public static async ValueTask<string> TextAsync(InputFile file, CancellationToken stop) => Encoding.UTF8.GetString(await ReadAsync(file, stop).ConfigureAwait(false));

    private static string TypeOf(InputFile file) => file.MediaType.Split(';')[0].Trim().ToLowerInvariant();

    /// <summary>Null: no model is shown a file of this type.</summary>
    public static async ValueTask<JsonNode?> PartAsync(InputFile file, CancellationToken stop)
    {
        var type = TypeOf(file);
        if (IsText(file))
            return new JsonObject { ["type"] = "text", ["text"] = await TextAsync(file, stop).ConfigureAwait(false) };
        if (type.StartsWith("image/", StringComparison.Ordinal))
            return new JsonObject { ["type"] = "image_url", ["image_url"] = new JsonObject { ["url"] = await DataUrlAsync(file, type, stop).ConfigureAwait(false) } };
        var sound = type switch { "audio/wav" or "audio/x-wav" or "audio/wave" => "wav", "audio/mpeg" or "audio/mp3" => "mp3", _ => null };
        if (sound is not null)
        {
            var data = Convert.ToBase64String(await ReadAsync(file, stop).ConfigureAwait(false));
            return new JsonObject { ["type"] = "input_audio", ["input_audio"] = new JsonObject { ["data"] = data, ["format"] = sound } };
        }

        return type != "application/pdf" ? null : new JsonObject
        {
            ["type"] = "file",
            ["file"] = new JsonObject { ["filename"] = file.FileName ?? $"{file.Name}.pdf", ["file_data"] = await DataUrlAsync(file, type, stop).ConfigureAwait(false) },
        };
    }

    private static async ValueTask<string> DataUrlAsync(InputFile file, string type, CancellationToken stop) =>
        $"data:{type};base64,{Convert.ToBase64String(await ReadAsync(file, stop).ConfigureAwait(false))}";

    private static async ValueTask<byte[]> ReadAsync(InputFile file, CancellationToken stop)
    {
        // Its length was capped when it was accepted.
        var content = new byte[file.Length];
        await using var stream = await file.Open(stop).ConfigureAwait(false);
        await stream.ReadExactlyAsync(content, stop).ConfigureAwait(false);
        return content;
    }
}

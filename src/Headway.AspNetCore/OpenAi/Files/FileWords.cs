using System.Collections.Frozen;
using System.Text.Json;
using Headway.Payloads.Files;

namespace Headway.AspNetCore.OpenAi.Files;

/// <summary>Files as the OpenAI API calls and writes them.</summary>
internal static class FileWords
{
    private static readonly FrozenDictionary<string, FilePurpose> Known = new Dictionary<string, FilePurpose>
    {
        ["assistants"] = FilePurpose.Assistants,
        ["batch"] = FilePurpose.Batch,
        ["fine-tune"] = FilePurpose.FineTune,
        ["vision"] = FilePurpose.Vision,
        ["user_data"] = FilePurpose.UserData,
        ["evals"] = FilePurpose.Evals,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<FilePurpose, string> Words = Known.ToFrozenDictionary(word => word.Value, word => word.Key);

    /// <summary>For error texts and documents.</summary>
    public static readonly string Purposes = string.Join(", ", Words.OrderBy(word => word.Key).Select(word => word.Value));

    public static FilePurpose? PurposeOf(string text) => Known.TryGetValue(text, out var purpose) ? purpose : null;

    /// <summary>What is wrong with a purpose, and which there are.</summary>
    public static string NotOne(string text) => $"{Phrases.Quote(text)} is not a purpose.{Phrases.Suggest(text, Known.Keys)} Purposes are {Purposes}.";

    public static void Write(Utf8JsonWriter json, KeptFile file)
    {
        json.WriteStartObject();
        json.WriteString("id", file.Id.ToString());
        json.WriteString("object", "file");
        json.WriteNumber("bytes", file.Length);
        json.WriteNumber("created_at", file.Created.ToUnixTimeSeconds());
        if (file.Expires is { } expires) json.WriteNumber("expires_at", expires.ToUnixTimeSeconds());
        else json.WriteNull("expires_at");
        json.WriteString("filename", file.Name);
        json.WriteString("purpose", Words[file.Purpose]);
        // Nothing is done with a file before it is named in a call.
        json.WriteString("status", "processed");
        json.WriteNull("status_details");
        json.WriteEndObject();
    }
}

using System.Text.Json;
using System.Text.Json.Serialization;

namespace Headway.Models.Providers.OpenAi;

/// <summary>A text, or the texts in a list of parts, as some servers of reasoning models answer; anything else is no text, and no reason to fail.</summary>
internal sealed class WireText : JsonConverter<string?>
{
    /// <inheritdoc/>
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType is JsonTokenType.String)
            return reader.GetString();
        using var parsed = JsonDocument.ParseValue(ref reader);
        if (parsed.RootElement.ValueKind is not JsonValueKind.Array)
            return null;
        return string.Concat(parsed.RootElement.EnumerateArray().Select(Text));
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, string? value, JsonSerializerOptions options) => writer.WriteStringValue(value);

    private static string? Text(JsonElement part) =>
        part.ValueKind is JsonValueKind.Object && part.TryGetProperty("type", out var type) && type.ValueEquals("text") && part.TryGetProperty("text", out var text)
        && text.ValueKind is JsonValueKind.String ? text.GetString() : null;
}

using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Headway.Caching;

/// <summary>One spelling for inputs that mean the same: without white space, members in the order of their names, text without needless escapes.</summary>
/// <remarks>Numbers stay as they are spelt, because 1 and 1.0 are not the same in a prompt, and Unicode is not composed. A name that is given twice keeps its order.</remarks>
internal static class CanonicalJson
{
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Null: it holds text that is no Unicode (half of a surrogate pair), which has no other spelling.</summary>
    public static ReadOnlyMemory<byte>? Of(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var buffer = new ArrayBufferWriter<byte>(json.Length + 16);
            using (var writer = new Utf8JsonWriter(buffer, Plain)) Write(writer, document.RootElement);
            return buffer.WrittenMemory;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static void Write(Utf8JsonWriter writer, JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                writer.WriteStartObject();
                foreach (var member in value.EnumerateObject().OrderBy(member => member.Name, StringComparer.Ordinal))
                {
                    writer.WritePropertyName(member.Name);
                    Write(writer, member.Value);
                }
                writer.WriteEndObject();
                break;
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in value.EnumerateArray()) Write(writer, item);
                writer.WriteEndArray();
                break;
            case JsonValueKind.String:
                writer.WriteStringValue(value.GetString());
                break;
            default:
                writer.WriteRawValue(value.GetRawText(), skipInputValidation: true);
                break;
        }
    }
}

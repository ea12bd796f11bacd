using System.Buffers;
using System.Text.Json;
using Headway.Handlers.Code;

namespace Headway.Workflows.Steps;

/// <summary>Makes the values that steps give.</summary>
internal static class StepJson
{
    public static readonly JsonElement Null = JsonSerializer.SerializeToElement<object?>(null);

    private static readonly JsonWriterOptions Readable = new() { Encoder = CodeJson.Options.Encoder };

    public static JsonElement List(IEnumerable<JsonElement> items) => Make(json =>
    {
        json.WriteStartArray();
        foreach (var item in items) item.WriteTo(json);
        json.WriteEndArray();
    });

    public static JsonElement Object(IEnumerable<(string Name, JsonElement Value)> members) => Make(json =>
    {
        json.WriteStartObject();
        foreach (var (name, value) in members)
        {
            json.WritePropertyName(name);
            value.WriteTo(json);
        }

        json.WriteEndObject();
    });

    public static JsonElement Text(string text) => JsonSerializer.SerializeToElement(text);

    public static JsonElement Of(ReadOnlyMemory<byte> json)
    {
        using var parsed = JsonDocument.Parse(json);
        return parsed.RootElement.Clone();
    }

    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Readable)) write(json);
        return buffer.WrittenSpan.ToArray();
    }

    private static JsonElement Make(Action<Utf8JsonWriter> write) => Of(Write(write));
}

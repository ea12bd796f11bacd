using System.Buffers;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Headway.Features;

namespace Headway.Models.Providers.OpenAi;

/// <summary>The caller's body with only that changed which must change. What came as JSON text keeps its spelling: 0.20 stays 0.20, and ü is not written as an escape.</summary>
internal static class OpenAiBody
{
    // What is made here is sent as JSON and never as part of a page.
    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static ReadOnlyMemory<byte> Chat(ModelDefinition model, ModelRequest request, string tokenLimit) => Write(model, request.Body, json =>
    {
        foreach (var (name, value) in request.Body)
        {
            if (name is not ("model" or "stream" or "stream_options"))
                WriteMember(json, name, value);
        }

        if (request.MaxTokens is { } most && !request.Body.ContainsKey("max_tokens") && !request.Body.ContainsKey("max_completion_tokens"))
            json.WriteNumber(tokenLimit, most);
        if (request.Stream)
            WriteStream(json, request.Body["stream_options"] as JsonObject);
    });

    public static ReadOnlyMemory<byte> Embedding(ModelDefinition model, ModelRequest request) => Write(model, request.Body, json =>
    {
        foreach (var (name, value) in request.Body)
        {
            if (name != "model")
                WriteMember(json, name, value);
        }
    });

    private static ReadOnlyMemory<byte> Write(ModelDefinition model, JsonObject body, Action<Utf8JsonWriter> rest)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer, Plain);
        json.WriteStartObject();
        json.WriteString("model", model.Model ?? model.Name);
        rest(json);
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }

    /// <summary>Without the usage at the end of a stream its cost would be a guess.</summary>
    private static void WriteStream(Utf8JsonWriter json, JsonObject? options)
    {
        json.WriteBoolean("stream", true);
        json.WriteStartObject("stream_options");
        foreach (var (name, value) in options ?? [])
        {
            if (name != "include_usage")
                WriteMember(json, name, value);
        }

        json.WriteBoolean("include_usage", true);
        json.WriteEndObject();
    }

    private static void WriteMember(Utf8JsonWriter json, string name, JsonNode? value)
    {
        json.WritePropertyName(name);
        WriteValue(json, value);
    }

    private static void WriteValue(Utf8JsonWriter json, JsonNode? node)
    {
        switch (node)
        {
            case null:
                json.WriteNullValue();
                break;
            case JsonObject members:
                json.WriteStartObject();
                foreach (var (name, value) in members)
                    WriteMember(json, name, value);
                json.WriteEndObject();
                break;
            case JsonArray items:
                json.WriteStartArray();
                foreach (var item in items)
                    WriteValue(json, item);
                json.WriteEndArray();
                break;
            case JsonValue value when value.TryGetValue<JsonElement>(out var element):
                // It was read as JSON, so it is valid; reading it again would cost as much as an image has bytes.
                json.WriteRawValue(JsonMarshal.GetRawUtf8Value(element), skipInputValidation: true);
                break;
            default:
                node.WriteTo(json);
                break;
        }
    }
}

using System.Text.Json;

namespace Headway.Models.Providers.Anthropic;

/// <summary>The error object of the Messages API.</summary>
internal sealed record AnthropicError(string? Type, string? Message)
{
    /// <summary>Reads `{"type":"error","error":{"type":…,"message":…},"request_id":…}`; null where none is.</summary>
    public static AnthropicError? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var body = JsonDocument.Parse(json);
            return body.RootElement.ValueKind is JsonValueKind.Object && body.RootElement.TryGetProperty("error", out var error) ? Read(error) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static AnthropicError Read(JsonElement error) => error.ValueKind is JsonValueKind.Object
        ? new AnthropicError(Text(error, "type"), Text(error, "message"))
        : new AnthropicError(null, ErrorWords.Of(error));

    private static string? Text(JsonElement error, string name) =>
        error.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String ? ErrorWords.Of(value) : null;
}

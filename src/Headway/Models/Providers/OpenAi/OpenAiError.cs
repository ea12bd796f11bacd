using System.Text.Json;

namespace Headway.Models.Providers.OpenAi;

/// <summary>The error object of the OpenAI API, as far as servers agree on it.</summary>
internal sealed record OpenAiError(string? Code, string? Type, string? Message)
{
    /// <summary>The parameter of the request that is at fault.</summary>
    public string? Param { get; init; }

    /// <summary>Reads `{"error":{…}}`, `{"error":"…"}` or `{"message":…}`; null where none is.</summary>
    public static OpenAiError? Read(ReadOnlyMemory<byte> json)
    {
        try
        {
            using var body = JsonDocument.Parse(json);
            return body.RootElement.ValueKind is JsonValueKind.Object ? Of(body.RootElement) : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public static OpenAiError Read(JsonElement error) => error.ValueKind is JsonValueKind.Object
        ? new OpenAiError(Text(error, "code") ?? Inner(error), Text(error, "type"), Text(error, "message")) { Param = Text(error, "param") }
        : new OpenAiError(null, null, ErrorWords.Of(error));

    private static OpenAiError? Of(JsonElement body)
    {
        if (body.TryGetProperty("error", out var error) && error.ValueKind is not JsonValueKind.Null)
            return Read(error);
        return body.TryGetProperty("message", out _) && !body.TryGetProperty("choices", out _) ? Read(body) : null;
    }

    /// <summary>Where Azure says the rest of it.</summary>
    private static string? Inner(JsonElement error) =>
        error.TryGetProperty("innererror", out var inner) && inner.ValueKind is JsonValueKind.Object ? Text(inner, "code") : null;

    /// <summary>Codes are strings with some servers and numbers with others.</summary>
    private static string? Text(JsonElement error, string name) =>
        error.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? ErrorWords.Of(value) : null;
}

using System.Text.Encodings.Web;
using System.Text.Json;

namespace Headway.Handlers.Code;

/// <summary>How code's input is read and its answers are written.</summary>
internal static class CodeJson
{
    /// <summary>
    /// Web defaults, and an input that lacks what the type requires does not fit: otherwise a caller's mistake would surface as a null reference
    /// inside the code and be retried as a bug. Nothing here is embedded in HTML, so text stays readable.
    /// </summary>
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        RespectNullableAnnotations = true,
        RespectRequiredConstructorParameters = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>Null failure: the input was read.</summary>
    public static Failure? Read<T>(ReadOnlyMemory<byte> json, out T? input)
    {
        input = default;
        try
        {
            input = JsonSerializer.Deserialize<T>(json.Span, Options);
            if (input is not null) return null;
            return DoesNotFit("$", "null was sent where a value is needed.");
        }
        catch (JsonException exception)
        {
            return DoesNotFit(exception.Path ?? "$", Reason(exception));
        }
    }

    private static Failure DoesNotFit(string path, string reason) => new()
    {
        Code = "input-invalid",
        Kind = FailureKind.Permanent,
        Message = $"The input does not fit at {path}: {reason}",
        Fingerprint = Failure.Print("input-invalid", path),
    };

    /// <summary>The serialiser repeats the path behind its sentence.</summary>
    private static string Reason(JsonException exception)
    {
        var end = exception.Message.IndexOf(" Path: ", StringComparison.Ordinal);
        return end < 0 ? exception.Message : exception.Message[..end];
    }
}

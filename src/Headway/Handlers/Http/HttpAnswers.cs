using System.Text;
using System.Text.Json;
using Headway.Models.Providers;

namespace Headway.Handlers.Http;

/// <summary>Reads an answer that comes whole: JSON, or bytes of another media type.</summary>
internal static class HttpAnswers
{
    /// <summary>So much of an error's body is read for what it says.</summary>
    private const int MostErrorBody = 16 * 1024;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    public static async Task<Outcome> ReadAsync(string place, HttpResponseMessage response, bool isStructured, CancellationToken stop)
    {
        var length = response.Content.Headers.ContentLength;
        if (length > ResultSize.Largest) return new Outcome.Failed(ResultSize.TooLarge(place));

        using var whole = new MemoryStream((int)(length ?? 0));
        await using var stream = new CappedStream(await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false), ResultSize.Largest);
        await stream.CopyToAsync(whole, stop).ConfigureAwait(false);

        var body = new ReadOnlyMemory<byte>(whole.GetBuffer(), 0, (int)whole.Length);
        if (body.Span.StartsWith(ByteOrderMark)) body = body[ByteOrderMark.Length..];
        return Judge(place, body, response.Content.Headers.ContentType?.MediaType?.ToLowerInvariant(), response.Content.Headers.ContentType?.ToString(), isStructured);
    }

    /// <summary>What is said with an error.</summary>
    public static async Task<string> BeginningAsync(HttpResponseMessage response, CancellationToken stop)
    {
        await using var stream = await response.Content.ReadAsStreamAsync(stop).ConfigureAwait(false);
        var buffer = new byte[MostErrorBody];
        try
        {
            return Encoding.UTF8.GetString(buffer, 0, await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, stop).ConfigureAwait(false));
        }
        catch (IOException)
        {
            // The status says enough.
            return "";
        }
    }

    /// <summary>The error of a JSON text, or null when it is one.</summary>
    public static string? JsonError(ReadOnlySpan<byte> text)
    {
        var reader = new Utf8JsonReader(text);
        try
        {
            while (reader.Read()) { }
            return null;
        }
        catch (JsonException exception)
        {
            return $"line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}";
        }
    }

    private static Outcome Judge(string place, ReadOnlyMemory<byte> body, string? type, string? fullType, bool isStructured)
    {
        if (body.IsEmpty) return Invalid(place, "answered with nothing.");
        if (type == "application/problem+json") return Invalid(place, "answered 2xx with problem details: it must use the status that the problem has.");
        // A page where data was asked for is a proxy or a sign-in talking, never the service.
        if (type is "text/html" or "application/xhtml+xml") return Invalid(place, "answered with an HTML page.");

        var isJson = type is null or "application/json" || type.EndsWith("+json", StringComparison.Ordinal);
        if (!isJson && isStructured) return Invalid(place, $"answered with {type} where the contract promises structured output, which is JSON.");
        if (isJson && JsonError(body.Span) is { } error) return Invalid(place, $"answered with something that is not JSON ({error}).");
        return new Outcome.Done(new Result(body, type switch
        {
            null or "application/json" => Result.Json,
            "text/plain" when fullType == "text/plain" => Result.Prose,
            _ => fullType!,
        }));
    }

    private static Outcome.Failed Invalid(string place, string what) => new(HttpFailures.Invalid(place, what));
}

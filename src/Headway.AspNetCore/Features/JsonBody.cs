using System.Buffers;
using System.IO.Pipelines;
using System.Text.Json;
using System.Text.Unicode;
using Headway.AspNetCore.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headway.AspNetCore.Features;

/// <summary>Reads a JSON body whole: never more than it may be, and only what really is JSON.</summary>
internal static class JsonBody
{
    /// <summary>Deeper inputs only serve to exhaust a stack somewhere behind us.</summary>
    public const int DeepestLevel = 64;

    public readonly record struct Read(Problem? Problem, ReadOnlyMemory<byte> Json);

    public static async ValueTask<Read> ReadAsync(HttpRequest request, long most, Func<Problem> tooLarge)
    {
        if (request.ContentLength == 0) return new Read(InputBody.Empty, default);
        if (request.ContentLength > most) return new Read(tooLarge(), default);
        // This limit counts, and it is held while the body is read.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = null;
        var (body, whole) = await BufferAsync(request.BodyReader, most, request.HttpContext.RequestAborted);
        return whole ? new Read(Check(ref body), body) : new Read(tooLarge(), default);
    }

    /// <summary>Reads and parses: there is either a problem or a document, which is the caller's to dispose of.</summary>
    public static async ValueTask<(Problem? Problem, JsonDocument? Document)> ReadDocumentAsync(HttpRequest request, long most, Func<Problem> tooLarge)
    {
        var (problem, json) = await ReadAsync(request, most, tooLarge);
        return problem is not null ? (problem, null) : (Parse(json, out var parsed), parsed);
    }

    /// <summary>Null when the bytes are one JSON value in UTF-8. A byte order mark is cut off.</summary>
    public static Problem? Check(ref ReadOnlyMemory<byte> body)
    {
        if (body.Span.StartsWith("\uFEFF"u8)) body = body[3..];
        if (body.Span.TrimStart(" \t\r\n"u8).IsEmpty) return InputBody.Empty;
        if (!Utf8.IsValid(body.Span)) return new Problem(ProblemKind.JsonMalformed, $"The body is not UTF-8: {Where(body.Span)}. JSON is UTF-8 (RFC 8259).");
        try
        {
            var reader = new Utf8JsonReader(body.Span, new JsonReaderOptions { MaxDepth = DeepestLevel });
            while (reader.Read())
            {
            }

            return null;
        }
        catch (JsonException broken)
        {
            return new Problem(ProblemKind.JsonMalformed, $"Line {broken.LineNumber + 1}, byte {broken.BytePositionInLine + 1}: {Reason(broken)}");
        }
    }

    /// <summary>Reads what others will read, too, and must read alike: no member is there twice, and no text has half of a character (`\ud83d` alone).</summary>
    public static Problem? Parse(ReadOnlyMemory<byte> body, out JsonDocument? parsed)
    {
        parsed = null;
        if (!HasHalves(body.Span))
        {
            try
            {
                parsed = JsonDocument.Parse(body, new JsonDocumentOptions { AllowDuplicateProperties = false });
                return null;
            }
            catch (JsonException twice)
            {
                return new Problem(ProblemKind.JsonMalformed, Reason(twice));
            }
        }

        return new Problem(ProblemKind.JsonMalformed, "A text has half of a character: an escape of a surrogate, such as \\ud83d, without its other half.");
    }

    private static bool HasHalves(ReadOnlySpan<byte> body)
    {
        // Nearly no body has any escape of this kind.
        if (body.IndexOf("\\ud"u8) < 0 && body.IndexOf("\\uD"u8) < 0) return false;
        var reader = new Utf8JsonReader(body);
        try
        {
            while (reader.Read())
                if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String && reader.ValueIsEscaped) reader.GetString();
            return false;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    private static async ValueTask<(ReadOnlyMemory<byte> Body, bool Whole)> BufferAsync(PipeReader reader, long most, CancellationToken callerLeft)
    {
        ArrayBufferWriter<byte>? earlier = null;
        while (true)
        {
            var read = await reader.ReadAsync(callerLeft);
            if ((earlier?.WrittenCount ?? 0) + read.Buffer.Length > most)
            {
                reader.AdvanceTo(read.Buffer.End);
                return (default, false);
            }

            // Nearly every body comes in one piece and is copied once, to its exact size.
            if (read.IsCompleted && earlier is null)
            {
                var only = read.Buffer.ToArray();
                reader.AdvanceTo(read.Buffer.End);
                return (only, true);
            }

            earlier ??= new ArrayBufferWriter<byte>((int)Math.Max(read.Buffer.Length, 1) * 2);
            foreach (var piece in read.Buffer) earlier.Write(piece.Span);
            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted) return (earlier.WrittenMemory, true);
        }
    }

    private static string Where(ReadOnlySpan<byte> body)
    {
        var valid = 0;
        while (System.Text.Rune.DecodeFromUtf8(body[valid..], out _, out var consumed) == OperationStatus.Done) valid += consumed;
        var before = body[..valid];
        return $"line {before.Count((byte)'\n') + 1}, byte {valid - before.LastIndexOf((byte)'\n')}";
    }

    // The exception's text ends in the position, which is told first and counted from one.
    private static string Reason(JsonException broken)
    {
        var end = broken.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? broken.Message : broken.Message[..end];
    }
}

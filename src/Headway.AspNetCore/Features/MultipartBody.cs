using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;
using Headway.AspNetCore.Errors;
using Headway.Handlers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Headway.AspNetCore.Features;

/// <summary>Reads multipart/form-data (RFC 7578) part by part: files go to the payload store as they come, fields become one JSON object.</summary>
internal sealed class MultipartBody : IDisposable
{
    /// <summary>Forms have few parts; more are a mistake or an attack.</summary>
    private const int MostParts = 100;

    private static readonly JsonWriterOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly InputShelf _shelf;
    private readonly CancellationToken _callerLeft;
    private readonly ArrayBufferWriter<byte> _fields = new();
    private readonly Utf8JsonWriter _json;
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<InputFile> _files = [];
    private long _left;

    private MultipartBody(InputShelf shelf, CancellationToken callerLeft)
    {
        _shelf = shelf;
        _callerLeft = callerLeft;
        _left = shelf.Feature.MaxInput;
        _json = new Utf8JsonWriter(_fields, Readable);
    }

    public static async ValueTask<InputBody.Read> ReadAsync(HttpRequest request, InputShelf shelf)
    {
        var (malformed, reader) = FormParts.ReaderOf(request);
        if (malformed is not null) return new InputBody.Read(malformed, null);
        using var body = new MultipartBody(shelf, request.HttpContext.RequestAborted);
        try
        {
            return await body.ReadAsync(reader!);
        }
        catch (Exception broken) when (FormParts.IsBroken(broken))
        {
            return new InputBody.Read(FormParts.Broken(broken.Message), null);
        }
    }

    public void Dispose() => _json.Dispose();

    private async ValueTask<InputBody.Read> ReadAsync(MultipartReader reader)
    {
        _json.WriteStartObject();
        var parts = 0;
        while (await reader.ReadNextSectionAsync(_callerLeft) is { } part)
        {
            if (++parts > MostParts) return new InputBody.Read(FormParts.Broken($"A form may have {MostParts} parts."), null);
            if (await TakeAsync(part) is { } problem) return new InputBody.Read(problem, null);
        }

        if (parts == 0) return new InputBody.Read(InputBody.Empty, null);
        _json.WriteEndObject();
        await _json.FlushAsync(_callerLeft);
        return InputBody.Judged(_shelf, new JobInput { MediaType = "multipart/form-data", Json = _fields.WrittenMemory, Files = _files }, _shelf.Job);
    }

    private async ValueTask<Problem?> TakeAsync(MultipartSection part)
    {
        var (problem, name, disposition) = FormParts.NameOf(part);
        if (problem is not null) return problem;
        var isJson = MediaTypeHeaderValue.TryParse(part.ContentType, out var type) && InputBody.IsJson(type);
        return disposition!.IsFileDisposition() && !isJson ? await TakeFileAsync(name, disposition!, part) : await TakeFieldAsync(name, isJson, part.Body);
    }

    private async ValueTask<Problem?> TakeFileAsync(string name, ContentDispositionHeaderValue disposition, MultipartSection part)
    {
        var (problem, file) = await _shelf.TakeAsync(name, FormParts.FileNameOf(disposition), part.ContentType, _left, part.Body, _callerLeft);
        if (problem is not null) return problem;
        _left -= file!.Length;
        _files.Add(file);
        return null;
    }

    private async ValueTask<Problem?> TakeFieldAsync(string name, bool isJson, Stream content)
    {
        if (!_names.Add(name)) return FormParts.Broken($"The field {Phrases.Quote(name)} is there twice.");
        if (await BufferAsync(content) is not { } value) return InputBody.TooLarge(_shelf.Feature);
        if (isJson && JsonBody.Check(ref value) is { } problem) return problem with { Detail = $"Field {Phrases.Quote(name)}: {problem.Detail}" };
        if (!isJson && !Utf8.IsValid(value.Span)) return FormParts.Broken($"The field {Phrases.Quote(name)} is not UTF-8.");
        _json.WritePropertyName(name);
        if (isJson) _json.WriteRawValue(value.Span, skipInputValidation: true);
        else _json.WriteStringValue(value.Span);
        return null;
    }

    /// <summary>Null when the field has more than what the feature still takes.</summary>
    private async ValueTask<ReadOnlyMemory<byte>?> BufferAsync(Stream content)
    {
        var field = new ArrayBufferWriter<byte>();
        while (true)
        {
            var read = await content.ReadAsync(field.GetMemory(4096), _callerLeft);
            if (read == 0) return field.WrittenMemory;
            field.Advance(read);
            _left -= read;
            if (_left < 0) return null;
        }
    }
}

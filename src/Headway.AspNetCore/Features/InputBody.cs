using Headway.AspNetCore.Errors;
using Headway.Features;
using Headway.Handlers;
using Headway.Payloads.Files;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Headway.AspNetCore.Features;

/// <summary>The input of a call, from whatever kind of body it came in.</summary>
internal static class InputBody
{
    /// <param name="Job">Set when files were taken: the id under which they lie.</param>
    public readonly record struct Read(Problem? Problem, JobInput? Input, JobId? Job = null);

    public static async ValueTask<Read> ReadAsync(HttpRequest request, InputShelf shelf)
    {
        if (request.ContentLength == 0) return new Read(Empty, null);
        if (request.ContentLength > shelf.Feature.MaxInput) return new Read(TooLarge(shelf.Feature), null);

        // The feature's own limit counts, and it is held while the body is read.
        if (request.HttpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = null;
        switch (Kind(request.ContentType))
        {
            case BodyKind.Json:
                var (problem, json) = await JsonBody.ReadAsync(request, shelf.Feature.MaxInput, () => TooLarge(shelf.Feature));
                return problem is not null ? new Read(problem, null) : Judged(shelf, new JobInput { MediaType = Json.MediaType, Json = json });
            case BodyKind.Multipart:
                return await MultipartBody.ReadAsync(request, shelf);
            case BodyKind.File:
                return await ReadFileAsync(request, shelf);
            default:
                return new Read(Unsupported(request.ContentType), null);
        }
    }

    public static Problem Empty => new(ProblemKind.BodyEmpty, "The body holds no input. Send a JSON value; a feature without input takes {}.");

    public static Problem TooLarge(FeatureVersion feature)
        => new(ProblemKind.InputTooLarge, $"{feature.FullName} takes inputs of at most {feature.MaxInput} bytes. Send less, or raise the feature's maxInput.");

    /// <summary>Holds a complete input against the feature's schema.</summary>
    public static Read Judged(InputShelf shelf, JobInput input, JobId? job = null)
        => InputSchemas.Judge(shelf.Feature, input.Json) is { } broken ? new Read(broken, null) : new Read(null, input, job);

    private static async ValueTask<Read> ReadFileAsync(HttpRequest request, InputShelf shelf)
    {
        var (problem, file) = await shelf.TakeAsync("file", null, request.ContentType, shelf.Feature.MaxInput, request.Body, request.HttpContext.RequestAborted);
        return problem is not null
            ? new Read(problem, null)
            : new Read(null, new JobInput { MediaType = file!.MediaType, Json = "{}"u8.ToArray(), Files = [file] }, shelf.Job);
    }

    private static Problem Unsupported(string? contentType)
    {
        var given = string.IsNullOrEmpty(contentType) ? "The call has no Content-Type." : $"Content-Type {Phrases.Quote(contentType)} is not taken.";
        return new Problem(ProblemKind.MediaTypeUnsupported, $"{given} Send application/json in UTF-8, multipart/form-data, or a file as one of {MediaTypes.Allowed}.");
    }

    private enum BodyKind { Unsupported, Json, Multipart, File }

    // The usual spellings are compared as they are; anything else is parsed.
    private static BodyKind Kind(string? contentType)
    {
        if (contentType is "application/json" or "application/json; charset=utf-8") return BodyKind.Json;
        if (!MediaTypeHeaderValue.TryParse(contentType, out var parsed)) return BodyKind.Unsupported;
        if (parsed.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)) return BodyKind.Multipart;
        if (MediaTypes.IsFile(parsed.MediaType.Value)) return BodyKind.File;
        return IsJson(parsed) ? BodyKind.Json : BodyKind.Unsupported;
    }

    public static bool IsJson(MediaTypeHeaderValue type)
        => (type.MediaType.Equals(Json.MediaType, StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase))
            && (type.Charset.Length == 0 || HeaderUtilities.RemoveQuotes(type.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase));
}

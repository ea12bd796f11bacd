using Headway.AspNetCore.Errors;
using Headway.Features;
using Headway.Handlers;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Headway.AspNetCore.Features;

/// <summary>The input of a call, from whatever kind of body it came in.</summary>
internal static class InputBody
{
    public readonly record struct Read(Problem? Problem, JobInput? Input);

    public static async ValueTask<Read> ReadAsync(HttpRequest request, FeatureVersion feature, CancellationToken callerLeft)
    {
        if (Kind(request.ContentType) is not { } mediaType)
        {
            return new Read(new Problem(ProblemKind.MediaTypeUnsupported,
                $"Content-Type {Phrases.Quote(request.ContentType ?? "")} is not taken. Send application/json in UTF-8, multipart/form-data, or a file as image/*, audio/* or application/pdf."), null);
        }

        var (problem, json) = await JsonBody.ReadAsync(request, feature, callerLeft);
        return problem is not null ? new Read(problem, null) : new Read(null, new JobInput { MediaType = mediaType, Json = json });
    }

    // The usual spellings are compared as they are; anything else is parsed.
    private static string? Kind(string? contentType)
    {
        if (contentType is "application/json" or "application/json; charset=utf-8") return Json.MediaType;
        if (!MediaTypeHeaderValue.TryParse(contentType, out var parsed)) return null;
        var isJson = parsed.MediaType.Equals(Json.MediaType, StringComparison.OrdinalIgnoreCase) || parsed.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase);
        var isUtf8 = parsed.Charset.Length == 0 || parsed.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) || parsed.Charset.Equals("\"utf-8\"", StringComparison.OrdinalIgnoreCase);
        return isJson && isUtf8 ? Json.MediaType : null;
    }
}

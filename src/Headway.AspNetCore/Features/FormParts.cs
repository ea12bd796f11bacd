using Headway.AspNetCore.Errors;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Headway.AspNetCore.Features;

/// <summary>What every reader of multipart/form-data (RFC 7578) needs: the parts, what they are called, and the problem when they are broken.</summary>
internal static class FormParts
{
    /// <summary>RFC 2046 allows 70.</summary>
    private const int LongestBoundary = 70;

    public static (Problem? Problem, MultipartReader? Reader) ReaderOf(HttpRequest request)
    {
        var boundary = HeaderUtilities.RemoveQuotes(MediaTypeHeaderValue.Parse(request.ContentType).Boundary);
        return boundary.Length is 0 or > LongestBoundary
            ? (Broken($"Content-Type needs a boundary of 1 to {LongestBoundary} characters."), null)
            : (null, new MultipartReader(boundary.Value!, request.Body));
    }

    public static (Problem? Problem, string Name, ContentDispositionHeaderValue? Disposition) NameOf(MultipartSection part)
        => part.GetContentDispositionHeader() is { } disposition && HeaderUtilities.RemoveQuotes(disposition.Name) is { Length: > 0 } name
            ? (null, name.Value!, disposition)
            : (Broken("A part has no Content-Disposition with a name."), "", null);

    public static string? FileNameOf(ContentDispositionHeaderValue disposition)
        => HeaderUtilities.RemoveQuotes(disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName).Value;

    /// <summary>What the framework throws at a body that is not what its headers say.</summary>
    public static bool IsBroken(Exception error) => error is InvalidDataException or (IOException and not BadHttpRequestException);

    public static Problem Broken(string detail) => new(ProblemKind.MultipartMalformed, detail);
}

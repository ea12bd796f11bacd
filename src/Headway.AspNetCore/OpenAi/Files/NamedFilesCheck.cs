using System.Text.Json.Nodes;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features.Headers;
using Headway.AspNetCore.OpenAi.Responses;
using Headway.Features;
using Headway.Handlers.Prompt;
using Headway.Models;
using Headway.Payloads.Files;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.OpenAi.Files;

/// <summary>The kept files that a request names by their ids, looked at before it is accepted, so that what is wrong is told by its place. They are read when the model is asked.</summary>
internal sealed class NamedFilesCheck(EngineHost host)
{
    /// <summary>Of a chat completion.</summary>
    public Problem? Judge(HttpContext context, FeatureVersion version, ReadOnlyMemory<byte> chat)
    {
        // Most name none, and are not read a second time for it. An id that hides behind escapes is found when the model is asked.
        if (chat.Span.IndexOf("\"file_id\""u8) < 0 || JsonNode.Parse(chat.Span) is not JsonObject body) return null;
        return Judge(context, version, [.. KeptInputs.In(body).Select(mention => (mention.Name, mention.Place))], chat.Length).Problem;
    }

    /// <summary>Of a request for a response: of what is said now by its place, of what was said before by the response that it goes on from.</summary>
    /// <returns>Also how many bytes of text they are thought to be, for an estimate.</returns>
    public (Problem? Problem, long Bytes) Judge(HttpContext context, FeatureVersion version, ResponseRequest request, IReadOnlyList<JsonNode?> earlier, long length)
    {
        List<(FileName Name, string Place)> names = [.. earlier.SelectMany(item => In(item, null)), .. request.Items.SelectMany((item, i) => In(item, $"input[{i}]"))];
        var (problem, files) = Judge(context, version, names, length);
        return (problem, files.Zip(names, (file, name) => BytesOf(file, name.Name)).Sum());
    }

    // Where only an image may stand, the part is counted as one already.
    private static long BytesOf(KeptFile file, FileName name) =>
        name.AsImage ? 0 : FileTold.IsImage(FileTold.TypeOf(file)!) ? Prices.TokensOfPicture : FileTold.LengthOf(file);

    private (Problem? Problem, IReadOnlyList<KeptFile> Files) Judge(HttpContext context, FeatureVersion version, List<(FileName Name, string Place)> named, long length)
    {
        if (named.Count == 0) return (null, []);
        if (version.Handler is not ModelHandlerDefinition)
            return (Nodes.Wrong(named[0].Place, $"`{named[0].Place}`: {version.Feature} is a feature, which takes no files by their ids. Send them to POST /v1/features/{version.Feature} as multipart/form-data, or name a model."), []);
        // A subject that cannot be read is refused with the other headers.
        CallHeaders.ReadSubject(context.Request.Headers, out var subject);
        var (refusal, at, files) = host.Engine.KeptFiles.FindNamed(Callers.Of(context).Tenant, subject, [.. named.Select(one => one.Name)], version.MaxInput - length);
        return refusal is null ? (null, files) : (FileProblems.Of(refusal, named[at].Place) with { Detail = $"`{named[at].Place}`: {refusal.Message}" }, []);
    }

    private static IEnumerable<(FileName Name, string Place)> In(JsonNode? item, string? place)
    {
        if (item.Of("content") is not JsonArray parts) yield break;
        for (var j = 0; j < parts.Count; j++)
            if (parts[j].Of("file_id").Text() is { } id)
                yield return (new FileName(id, parts[j].Of("type").Text() == "input_image"), place is null ? "previous_response_id" : $"{place}.content[{j}].file_id");
    }
}

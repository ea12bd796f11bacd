using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features.Headers;
using Headway.AspNetCore.Routing;
using Headway.Payloads;
using Headway.Payloads.Files;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.Net.Http.Headers;
using AuditListRecord = Headway.Client.AuditListRecord;
using HeadwayJson = Headway.Client.HeadwayJson;

namespace Headway.AspNetCore.OpenAi.Files;

/// <summary>`/v1/files`: files that callers keep here by themselves, to name them in later calls.</summary>
internal sealed class FilesEndpoint(EngineHost host)
{
    public void Map(ApiRoutes routes) => routes
        .OpenAi([(HttpMethods.Get, ListAsync), (HttpMethods.Post, UploadAsync)], "/v1/files")
        .OpenAi([(HttpMethods.Get, ShowAsync), (HttpMethods.Delete, DeleteAsync)], "/v1/files/{id}")
        .OpenAi(HttpMethods.Get, "/v1/files/{id}/content", ReadAsync)
        .OpenAi(HttpMethods.Get, "/v1/files/{id}/audit", AuditAsync, Headway.Access.Roles.Caller | Headway.Access.Roles.Auditor);

    private async Task UploadAsync(HttpContext context)
    {
        var problem = CallHeaders.ReadSubject(context.Request.Headers, out var subject);
        var (file, key) = ((KeptFile?)null, (string?)null);
        problem ??= CallHeaders.ReadIdempotencyKey(context.Request.Headers, out key);
        if (problem is null) (problem, file) = await FileForm.KeepAsync(context.Request, host.Engine.KeptFiles, Callers.Of(context), subject, key);
        if (problem is not null) await ProblemResponse.WriteAsync(context, problem);
        else await Json.WriteAsync(context, json => FileWords.Write(json, file!));
    }

    private Task ListAsync(HttpContext context)
    {
        if (FileQuery.Read(context.Request.Query, out var filter) is { } problem) return ProblemResponse.WriteAsync(context, problem);
        var page = host.Engine.KeptFiles.List(Callers.Of(context).Tenant, filter);
        return Json.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("object", "list");
            json.WriteStartArray("data");
            foreach (var file in page.Files) FileWords.Write(json, file);
            json.WriteEndArray();
            json.WriteString("first_id", page.Files is [var first, ..] ? first.Id.ToString() : null);
            json.WriteString("last_id", page.Last?.ToString());
            json.WriteBoolean("has_more", page.More);
            json.WriteEndObject();
        });
    }

    private Task ShowAsync(HttpContext context) =>
        Find(context) is { } file ? Json.WriteAsync(context, json => FileWords.Write(json, file)) : RefuseAsync(context);

    private async Task ReadAsync(HttpContext context)
    {
        if (Find(context) is not { } file)
        {
            await RefuseAsync(context);
            return;
        }

        var tag = new EntityTagHeaderValue($"\"{file.Id}\"");
        if (ContentRange.Of(context.Request, file.Length, tag) is not { } range)
        {
            context.Response.Headers.ContentRange = $"bytes */{file.Length}";
            await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.RangeUnsatisfiable, $"{file.Id} has {file.Length} bytes, and none of those that Range names."));
            return;
        }

        await using var content = await host.Engine.KeptFiles.ReadAsync(Callers.Of(context), file, from: range.From);
        Describe(context.Response, file, range, tag);
        try
        {
            await StreamCopyOperation.CopyToAsync(content, context.Response.Body, range.Length, context.RequestAborted);
        }
        catch (UnreadablePayloadException) when (Find(context) is null)
        {
            // Deleted under its reader. Only a cut connection still says that this is not the whole file.
            context.Abort();
        }
    }

    private static void Describe(HttpResponse response, KeptFile file, ContentRange range, EntityTagHeaderValue tag)
    {
        response.ContentType = file.MediaType;
        response.ContentLength = range.Length;
        var headers = response.Headers;
        if (range.IsPart)
        {
            response.StatusCode = StatusCodes.Status206PartialContent;
            headers.ContentRange = range.Words(file.Length);
        }

        headers.AcceptRanges = "bytes";
        headers.ETag = tag.ToString();
        headers.CacheControl = "no-store";
        // Whoever sent it said what it is, and nobody has looked: no browser may take it for a page of ours.
        headers.XContentTypeOptions = "nosniff";
        headers.ContentSecurityPolicy = "sandbox";
        var disposition = new ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(file.Name);
        headers.ContentDisposition = disposition.ToString();
    }

    /// <summary>Who touched it, also after it was deleted: that is when somebody asks.</summary>
    private async Task AuditAsync(HttpContext context)
    {
        if (!FileId.TryParse(IdOf(context), out var id) || host.Engine.AuditOfFile(Callers.Of(context), id) is not { Count: > 0 } entries) await RefuseAsync(context);
        else await Json.WriteAsync(context, StatusCodes.Status200OK, new AuditListRecord([.. entries.Select(entry => JobWire.Of(entry, id))]), HeadwayJson.Wire.AuditListRecord);
    }

    private async Task DeleteAsync(HttpContext context)
    {
        var end = FileId.TryParse(IdOf(context), out var id) ? await host.Engine.KeptFiles.DeleteAsync(Callers.Of(context), id) : KeptEnd.Unknown;
        if (end is not KeptEnd.Gone)
        {
            await (end is KeptEnd.Held ? ProblemResponse.WriteAsync(context, new Problem(ProblemKind.LegalHold, $"{id} is of a subject under a legal hold, so it cannot be deleted.")) : RefuseAsync(context));
            return;
        }

        await Json.WriteAsync(context, json =>
        {
            json.WriteStartObject();
            json.WriteString("id", id.ToString());
            json.WriteString("object", "file");
            json.WriteBoolean("deleted", true);
            json.WriteEndObject();
        });
    }

    private KeptFile? Find(HttpContext context) => FileId.TryParse(IdOf(context), out var id) ? host.Engine.KeptFiles.Find(Callers.Of(context).Tenant, id) : null;

    private static string IdOf(HttpContext context) => (string)context.Request.RouteValues["id"]!;

    private static Task RefuseAsync(HttpContext context) => ProblemResponse.WriteAsync(context,
        new Problem(ProblemKind.FileUnknown, $"There is no file {Phrases.Quote(IdOf(context))}, or none any more. GET /v1/files lists them.") { Param = "id" });
}

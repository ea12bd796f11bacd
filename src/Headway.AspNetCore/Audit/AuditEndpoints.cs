using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;
using Headway.AspNetCore.Routing;
using Headway.Audit;
using Headway.Audit.Checkpoints;
using Headway.Client;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Audit;

/// <summary>What auditors ask: events, who has seen what of a subject, whether the chain holds, a copy that proves itself, and the key that it is signed with.</summary>
internal sealed class AuditEndpoints(EngineHost host)
{
    /// <summary>A checkpoint proves all that came before it: more of them only say more closely where a chain was rewritten.</summary>
    private const int MostCheckpoints = 5_000;

    // A checkpoint has some 350 bytes.
    private const int LongestLine = 4_096;

    private static readonly string[] Times = ["since", "until"];
    private static readonly string[] OfSubject = ["subject", "since", "until"];

    // Of all features: a key for some sees none of it.
    private static readonly RequiredRoles Auditors = new(Roles.Auditor) { WholeTenant = true };

    public void Map(ApiRoutes routes) => routes
        .Get("/v1/admin/audit", SearchAsync, Auditors)
        .Get("/v1/admin/audit/disclosures", DisclosuresAsync, Auditors)
        .Post("/v1/admin/audit/verify", VerifyAsync, Roles.Auditor)
        .Get("/v1/admin/audit/export", ExportAsync, Auditors)
        .Get("/v1/admin/audit/key", KeyAsync, Roles.Auditor);

    private async Task SearchAsync(HttpContext context)
    {
        if (AuditQueries.Read(context.Request.Query, AuditQueries.Filters, out var filter) is { } problem)
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        var desk = await host.Engine.AuditDeskAsync();
        var page = await desk.SearchAsync(AuditorOf(context), filter);
        var record = new AuditPageRecord([.. page.Events.Select(AuditWire.Of)], page.Next is { } next ? AuditQueries.Cursor(next, filter) : null);
        await Json.WriteAsync(context, StatusCodes.Status200OK, record, HeadwayJson.Wire.AuditPageRecord);
    }

    private async Task DisclosuresAsync(HttpContext context)
    {
        var problem = AuditQueries.Read(context.Request.Query, OfSubject, out var filter)
            ?? (filter.Subject is null ? new Problem(ProblemKind.FilterInvalid, "Say whose disclosures with subject, such as subject=encounter/8812.") : null);
        if (problem is not null)
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        var desk = await host.Engine.AuditDeskAsync();
        var groups = await desk.DisclosuresAsync(AuditorOf(context), filter.Subject!, filter.Since, filter.Until);
        var record = new DisclosureListRecord(filter.Subject!, [.. groups.Select(AuditWire.Of)], AuditDesk.IsCut(groups));
        await Json.WriteAsync(context, StatusCodes.Status200OK, record, HeadwayJson.Wire.DisclosureListRecord);
    }

    private async Task VerifyAsync(HttpContext context)
    {
        if (await ReadCheckpointsAsync(context) is not { } shipped)
        {
            await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.CheckpointsInvalid,
                $"Send checkpoints as they were shipped, one to a line, in the order of their links, at most {MostCheckpoints}. The last one proves all that came before it."));
            return;
        }

        var desk = await host.Engine.AuditDeskAsync();
        var proof = await desk.VerifyAsync(AuditorOf(context), shipped, context.RequestAborted);
        await Json.WriteAsync(context, StatusCodes.Status200OK, AuditWire.Of(proof), HeadwayJson.Wire.AuditProofRecord);
    }

    // Null: some line is no checkpoint, they are out of order, or too many.
    private static async ValueTask<List<Checkpoint>?> ReadCheckpointsAsync(HttpContext context)
    {
        var shipped = new List<Checkpoint>();
        var lines = new BodyLines(context.Request.BodyReader, LongestLine);
        while (await lines.NextAsync(context.RequestAborted) is { } line)
        {
            if (!line.TooLong && line.Bytes.Span.Trim(" \t\r"u8).IsEmpty) continue;
            if (line.TooLong || shipped.Count == MostCheckpoints || Checkpoint.Parse(line.Bytes.Span) is not { } checkpoint) return null;
            if (shipped.Count > 0 && checkpoint.Seq < shipped[^1].Seq) return null;
            shipped.Add(checkpoint);
        }

        return shipped;
    }

    private async Task ExportAsync(HttpContext context)
    {
        if (AuditQueries.Read(context.Request.Query, Times, out var filter) is { } problem)
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        var desk = await host.Engine.AuditDeskAsync();
        if (await desk.ExportAsync(AuditorOf(context), filter.Since, filter.Until) is not { } scope)
        {
            await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.AuditEmpty, "Nothing was told between these times."));
            return;
        }

        context.Response.ContentType = BulkEndpoint.MediaType;
        context.Response.Headers.CacheControl = "no-store";
        await desk.WriteAsync(scope, context.Response.BodyWriter, async () => await context.Response.BodyWriter.FlushAsync(context.RequestAborted), context.RequestAborted);
    }

    private async Task KeyAsync(HttpContext context)
    {
        var key = await (await host.Engine.AuditDeskAsync()).KeyAsync();
        await Json.WriteAsync(context, StatusCodes.Status200OK, new AuditKeyRecord(key.Id.Value.ToString("N"), key.Chain.Value.ToString("N"), "ecdsa-p256-sha256", key.PublicPem), HeadwayJson.Wire.AuditKeyRecord);
    }

    private static Auditor AuditorOf(HttpContext context)
    {
        var caller = Callers.Of(context);
        return new Auditor(caller.Tenant, caller.Actor, caller.Address) { SeesNobodys = caller.Everywhere };
    }
}

using System.Globalization;
using System.Text.Json;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;
using Headway.AspNetCore.Routing;
using Headway.Client;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Jobs;

/// <summary>Which versions of workflows' code there are, which one new jobs begin with, and moving jobs from one to another.</summary>
internal sealed class WorkflowVersionEndpoints(EngineHost host)
{
    private const int LargestBody = 4_096;

    public void Map(ApiRoutes routes) => routes
        .Get("/v1/workflows", ListAsync, new RequiredRoles(Roles.Readers | Roles.Auditor) { WholeTenant = true })
        .Post("/v1/workflows/{feature}/pin", PinAsync, new RequiredRoles(Roles.Operator) { Everywhere = true })
        .Post("/v1/workflows/{feature}/move", MoveAsync, Roles.Operator);

    private Task ListAsync(HttpContext context) => Json.WriteAsync(context, StatusCodes.Status200OK,
        new WorkflowListRecord([.. host.Engine.WorkflowVersions.List(Callers.Of(context).Tenant).Select(JobWire.Of)]), HeadwayJson.Wire.WorkflowListRecord);

    private async Task PinAsync(HttpContext context)
    {
        if (await ReadAsync(context, "version") is not { } body) return;
        // Said to be null: the highest again.
        var version = body.Numbers.GetValueOrDefault("version");
        if (await host.Engine.WorkflowVersions.PinAsync(Callers.Of(context), body.Feature, version) is { } refusal) await ProblemResponse.WriteAsync(context, EngineProblems.Of(refusal));
        else await ListAsync(context);
    }

    private async Task MoveAsync(HttpContext context)
    {
        if (await ReadAsync(context, "from", "to", "job") is not { } body) return;
        if (body.Numbers.GetValueOrDefault("from") is not { } from || body.Numbers.GetValueOrDefault("to") is not { } to)
        {
            await RefuseAsync(context, "`from` and `to` must be given");
            return;
        }

        var (refusal, moved) = await host.Engine.WorkflowVersions.MoveAsync(Callers.Of(context), body.Feature, from, to, body.Job);
        if (refusal is not null) await ProblemResponse.WriteAsync(context, EngineProblems.Of(refusal));
        else await Json.WriteAsync(context, StatusCodes.Status200OK, new WorkflowMoveRecord(moved), HeadwayJson.Wire.WorkflowMoveRecord);
    }

    private sealed record Change(string Feature, Dictionary<string, int?> Numbers, JobId? Job);

    /// <summary>Null: it was answered.</summary>
    private static async Task<Change?> ReadAsync(HttpContext context, params string[] members)
    {
        var (problem, parsed) = await JsonBody.ReadDocumentAsync(context.Request, LargestBody, static () => new Problem(ProblemKind.VersionChangeInvalid, string.Create(CultureInfo.InvariantCulture, $"The body has at most {LargestBody} bytes.")));
        if (problem is not null)
        {
            await ProblemResponse.WriteAsync(context, problem);
            return null;
        }

        using var document = parsed!;
        var change = new Change((string?)context.Request.RouteValues["feature"] ?? "", new Dictionary<string, int?>(StringComparer.Ordinal), null);
        if (document.RootElement.ValueKind is not JsonValueKind.Object) return await RefuseAsync(context, "it must be a JSON object");
        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (!members.Contains(member.Name)) return await RefuseAsync(context, $"{Phrases.Quote(member.Name)} is not a member of it");
            if (member.Name == "job")
            {
                if (!JobId.TryParse(member.Value.ValueKind is JsonValueKind.String ? member.Value.GetString() : "", out var job)) return await RefuseAsync(context, "`job` must be the id of a job");
                change = change with { Job = job };
            }
            else if (member.Value.ValueKind is JsonValueKind.Null && member.Name == "version") change.Numbers[member.Name] = null;
            else if (member.Value.ValueKind is JsonValueKind.Number && member.Value.TryGetInt32(out var number) && number >= 1) change.Numbers[member.Name] = number;
            else return await RefuseAsync(context, $"`{member.Name}` must be a number from 1");
        }

        return members[0] == "version" && !change.Numbers.ContainsKey("version") ? await RefuseAsync(context, "`version` must be given; null means the highest") : change;
    }

    private static async Task<Change?> RefuseAsync(HttpContext context, string what)
    {
        await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.VersionChangeInvalid, $"To pin it is {{\"version\":2}}, to move {{\"from\":1,\"to\":2}}, with `job` for one only: {what}."));
        return null;
    }
}

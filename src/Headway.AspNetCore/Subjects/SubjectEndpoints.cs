using System.Globalization;
using System.Text.Json;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;
using Headway.AspNetCore.Routing;
using Headway.Client;
using Headway.Jobs.Subjects;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Subjects;

/// <summary>Subjects whose data must not go, and subjects whose data must. A subject is in the body and never in the address: addresses are logged.</summary>
internal sealed class SubjectEndpoints(EngineHost host)
{
    private const int LargestBody = 8_192;
    private const int LongestReason = 1_000;

    // Of all features: a key for some decides nothing of it.
    private static readonly RequiredRoles Admins = new(Roles.Admin) { WholeTenant = true };

    public void Map(ApiRoutes routes) => routes
        .Several([(HttpMethods.Get, ListAsync), (HttpMethods.Post, HoldAsync)], "/v1/admin/holds", Admins)
        .Post("/v1/admin/holds/release", ReleaseAsync, Admins)
        .Post("/v1/admin/subjects/erase", EraseAsync, Admins);

    private async Task ListAsync(HttpContext context)
    {
        var holds = await host.Engine.Oversight.Holds.ListAsync(Callers.Of(context).Tenant);
        await Json.WriteAsync(context, StatusCodes.Status200OK, new HoldListRecord([.. holds.Select(hold => new HoldRecord(hold.Subject, hold.Reason, hold.Actor, hold.Created))]), HeadwayJson.Wire.HoldListRecord);
    }

    private async Task HoldAsync(HttpContext context)
    {
        if (await ReadAsync(context, withReason: true) is not var (subject, reason)) return;
        if (await host.Engine.Oversight.Holds.HoldAsync(Callers.Of(context), subject, reason)) await ListAsync(context);
        else await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.HeldAlready, "The subject is held already. GET /v1/admin/holds says since when, and why."));
    }

    private async Task ReleaseAsync(HttpContext context)
    {
        if (await ReadAsync(context, withReason: false) is not var (subject, _)) return;
        if (await host.Engine.Oversight.Holds.ReleaseAsync(Callers.Of(context), subject)) await ListAsync(context);
        else await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.HoldUnknown, "The subject is under no hold. GET /v1/admin/holds lists those that are."));
    }

    // Once begun it is carried through: the caller's leaving must not leave it half done.
    private async Task EraseAsync(HttpContext context)
    {
        if (await ReadAsync(context, withReason: false) is not var (subject, _)) return;
        switch (await host.Engine.Oversight.Erasure.EraseAsync(Callers.Of(context), subject, CancellationToken.None))
        {
            case ErasureVerdict.Erased erased:
                await Json.WriteAsync(context, StatusCodes.Status200OK, new ErasureRecord(erased.Jobs, erased.Files, erased.Keys.Count), HeadwayJson.Wire.ErasureRecord);
                break;
            case ErasureVerdict.Held:
                await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.LegalHold, "The subject is under a legal hold. Release it first: POST /v1/admin/holds/release."));
                break;
            case ErasureVerdict.Busy { UnderWay: > 0 } busy:
                await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.SubjectBusy, string.Create(CultureInfo.InvariantCulture, $"{busy.UnderWay} jobs of the subject are under way. Cancel them or wait for their end: GET /v1/jobs?subject=… lists them.")));
                break;
            default:
                await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.SubjectBusy, "Calls of the subject come faster than they can be erased. Stop whoever makes them, and ask again."));
                break;
        }
    }

    /// <summary>Null: it was answered.</summary>
    private static async Task<(string Subject, string Reason)?> ReadAsync(HttpContext context, bool withReason)
    {
        var (problem, parsed) = await JsonBody.ReadDocumentAsync(context.Request, LargestBody, static () => new Problem(ProblemKind.SubjectRequestInvalid, string.Create(CultureInfo.InvariantCulture, $"The body has at most {LargestBody} bytes.")));
        if (problem is not null)
        {
            await ProblemResponse.WriteAsync(context, problem);
            return null;
        }

        using var document = parsed!;
        var (subject, reason) = ("", "");
        if (document.RootElement.ValueKind is not JsonValueKind.Object) return await RefuseAsync(context, withReason, "it must be a JSON object");
        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (member.Name is not "subject" && !(withReason && member.Name is "reason")) return await RefuseAsync(context, withReason, $"{Phrases.Quote(member.Name)} is not a member of it");
            if (member.Value.ValueKind is not JsonValueKind.String) return await RefuseAsync(context, withReason, $"`{member.Name}` must be a string");
            if (member.Name is "subject") subject = member.Value.GetString()!;
            else reason = member.Value.GetString()!;
        }

        if (!Features.Headers.CallHeaders.IsSubject(subject)) return await RefuseAsync(context, withReason, "`subject` must be given, with 1 to 256 characters and no control characters");
        if (withReason && (string.IsNullOrWhiteSpace(reason) || reason.Length > LongestReason)) return await RefuseAsync(context, withReason, $"`reason` must be given, with 1 to {LongestReason} characters");
        return (subject, reason);
    }

    private static async Task<(string Subject, string Reason)?> RefuseAsync(HttpContext context, bool withReason, string what)
    {
        var form = withReason ? "{\"subject\":\"encounter/8812\",\"reason\":\"case 2026/114\"}" : "{\"subject\":\"encounter/8812\"}";
        await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.SubjectRequestInvalid, $"The body is {form}: {what}."));
        return null;
    }
}

using System.Globalization;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Routing;
using Headway.Client;
using Headway.Reconciliation;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Reconciliation;

/// <summary>Shows what was promised and is not so.</summary>
internal sealed class GapEndpoints(EngineHost host)
{
    private const int MostPerPage = 200;
    private const int UsualPerPage = 50;

    private static readonly string[] Names = ["kind", "all", "cursor", "limit"];

    public void Map(ApiRoutes routes) => routes.Get("/v1/admin/gaps", ListAsync, new RequiredRoles(Roles.Operator) { WholeTenant = true });

    private sealed record Asked(string? Kind, bool All, JobId? Before, int Limit);

    private async Task ListAsync(HttpContext context)
    {
        if (Read(context.Request.Query, out var asked) is { } problem)
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        var caller = Callers.Of(context);
        var found = await host.Engine.Oversight.Gaps.ListAsync(caller.Tenant, asked.Kind, asked.All, asked.Before, asked.Limit);
        var page = new List<GapRecord>(asked.Limit);
        foreach (var gap in found.Take(asked.Limit))
        {
            var waits = gap is { Kind: GapKinds.Overdue, Ended: null, Job: { } job } ? (await host.Engine.FindAsync(caller, job))?.WaitingFor : null;
            page.Add(new GapRecord(gap.Id.Value.ToString("N"), gap.Kind, gap.What, WordsOf(gap), gap.Feature, gap.Job?.ToString(), gap.Amount, gap.Found, gap.Seen, gap.Ended, gap.Did, waits is null ? null : new WaitingForRecord(waits.Code, waits.Text, waits.Until)));
        }

        await Json.WriteAsync(context, StatusCodes.Status200OK, new GapListRecord(page, found.Count > asked.Limit ? page[^1].Id : null), HeadwayJson.Wire.GapListRecord);
    }

    private static string WordsOf(Gap gap) => gap.Kind switch
    {
        GapKinds.Overdue => "It was accepted and has not ended within deliverWithin.",
        GapKinds.Undelivered => gap switch
        {
            { Did: GapDeeds.Retried } => "A webhook that its feature requires was given up: it is sent again, once.",
            { Did: GapDeeds.Mended } => "Nothing of its end was in the outbox: it was put there from its record.",
            _ when gap.Job?.ToString() == gap.What => "It has succeeded, and nobody has read its result within deliverWithin.",
            _ => $"A webhook that its feature requires was given up. Look why (headway jobs deliveries {gap.Job}), then: headway deliveries replay {gap.What}.",
        },
        GapKinds.Unclosed => "The call was opened and never closed: it is told as failed, outcome unknown.",
        GapKinds.Misplaced => "It was under way and had no place in the queue: it was queued again from its record.",
        GapKinds.Stray => "A place in the queue belonged to no job that is under way: it was removed.",
        GapKinds.LostLease => "Jobs were held under a lease that was lost: they were taken back.",
        GapKinds.Unsettled => "Money was held for jobs that had ended, or had no record: it counts as spent.",
        GapKinds.Unwoken => "Jobs waited for what was there: they were woken.",
        GapKinds.NoWorker => $"Jobs of {gap.What} wait and nobody alive works for them. Start a node whose feature file has it, or a worker that claims it.",
        GapKinds.NoVersion => $"Workflows of {gap.What} wait for a version of their code that no node has. Start one that has it, or move them: headway workflows move.",
        GapKinds.Unaudited => "No event tells of its beginning or its end. Events are never invented: look at who has changed the database by hand.",
        _ => gap.Kind,
    };

    private static Problem? Read(IQueryCollection query, out Asked asked)
    {
        asked = new Asked(null, false, null, UsualPerPage);
        foreach (var (name, values) in query)
        {
            if (!Names.Contains(name, StringComparer.Ordinal)) return Broken($"{Phrases.Quote(name)} is not a filter.{Phrases.Suggest(name, Names)} Filters are {string.Join(", ", Names)}.");
            if (values is not [{ Length: > 0 and <= 64 } value]) return Broken($"{name} is given once, with 1 to 64 characters.");
            switch (name)
            {
                case "kind" when !GapKinds.All.Contains(value):
                    return Broken($"kind={value} is no kind of gap.{Phrases.Suggest(value, GapKinds.All)} Kinds are {string.Join(", ", GapKinds.All)}.");
                case "kind":
                    asked = asked with { Kind = value };
                    break;
                case "all" when value is not ("true" or "false"):
                    return Broken("all is true or false.");
                case "all":
                    asked = asked with { All = value is "true" };
                    break;
                case "limit" when !int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) || limit is < 1 or > MostPerPage:
                    return Broken($"limit is a number from 1 to {MostPerPage}.");
                case "limit":
                    asked = asked with { Limit = int.Parse(value, CultureInfo.InvariantCulture) };
                    break;
                case "cursor" when !Guid.TryParseExact(value, "N", out _):
                    return new Problem(ProblemKind.CursorInvalid, "The cursor was not given out for this list. Take `next` of the page before as it is, or leave the cursor out.");
                default:
                    asked = asked with { Before = new JobId(Guid.ParseExact(value, "N")) };
                    break;
            }
        }

        return null;
    }

    private static Problem Broken(string detail) => new(ProblemKind.FilterInvalid, detail);
}

using System.Globalization;
using System.Text.Json;
using Headway.Access;
using Headway.Alerts;
using Headway.Alerts.Storage;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;
using Headway.AspNetCore.Routing;
using Headway.Client;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Headway.AspNetCore.Alerts;

/// <summary>Shows what operators are told of, and takes their word that somebody looks after it. Alerts count what is all tenants', so whoever asks is of all tenants.</summary>
internal sealed class AlertEndpoints(EngineHost host)
{
    private const int MostPerPage = 200;
    private const int UsualPerPage = 50;
    private const int LargestBody = 8_192;
    private const int LongestNote = 500;

    private static readonly string[] Names = ["state", "kind", "cursor", "limit"];

    private static readonly Dictionary<string, IReadOnlyList<AlertState>> States = new(StringComparer.Ordinal)
    {
        ["open"] = [AlertState.Open],
        ["acknowledged"] = [AlertState.Acknowledged],
        ["over"] = [AlertState.Over],
        ["all"] = [AlertState.Open, AlertState.Acknowledged, AlertState.Over],
    };

    // Of all features: a key for some sees none of it.
    private static readonly RequiredRoles Operators = new(Roles.Operator) { WholeTenant = true, Everywhere = true };

    private AlertBook Book => host.Engine.Oversight.Alerts;

    public void Map(ApiRoutes routes) => routes
        .Get("/v1/admin/alerts", ListAsync, Operators)
        .Get("/v1/admin/alerts/{id}", ShowAsync, Operators)
        .Post("/v1/admin/alerts/{id}/acknowledge", AcknowledgeAsync, Operators);

    private sealed record Asked(IReadOnlyList<AlertState> States, string? Kind, AlertId? Before, int Limit);

    private async Task ListAsync(HttpContext context)
    {
        if (Read(context.Request.Query, out var asked) is { } problem)
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        var found = await Book.ListAsync(asked.States, asked.Kind, asked.Before, asked.Limit);
        List<AlertRecord> page = [.. found.Take(asked.Limit).Select(Of)];
        await Json.WriteAsync(context, StatusCodes.Status200OK, new AlertListRecord(page, found.Count > asked.Limit ? page[^1].Id : null), HeadwayJson.Wire.AlertListRecord);
    }

    private async Task ShowAsync(HttpContext context)
    {
        if (AlertId.TryParse(IdOf(context), out var id) && await Book.FindAsync(id) is { } alert) await Json.WriteAsync(context, StatusCodes.Status200OK, Of(alert), HeadwayJson.Wire.AlertRecord);
        else await WriteUnknownAsync(context);
    }

    private async Task AcknowledgeAsync(HttpContext context)
    {
        var (problem, note) = await ReadNoteAsync(context);
        if (problem is not null)
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        var (how, alert) = AlertId.TryParse(IdOf(context), out var id) ? await Book.AcknowledgeAsync(Callers.Of(context), id, note) : (Acknowledged.Unknown, null);
        if (how is Acknowledged.Done) await Json.WriteAsync(context, StatusCodes.Status200OK, Of(alert!), HeadwayJson.Wire.AlertRecord);
        else if (how is Acknowledged.Over) await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.AlertOver, $"{id} is over: there is nothing left to look after. If it comes back it can be acknowledged then."));
        else await WriteUnknownAsync(context);
    }

    private static async ValueTask<(Problem? Problem, string? Note)> ReadNoteAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody is not true || context.Request.ContentLength == 0) return (null, null);
        var (problem, parsed) = await JsonBody.ReadDocumentAsync(context.Request, LargestBody, static () => Wrong("it is too long"));
        if (problem is not null) return (problem, null);
        using var document = parsed!;
        if (document.RootElement.ValueKind is not JsonValueKind.Object) return (Wrong("it must be a JSON object"), null);
        string? note = null;
        foreach (var member in document.RootElement.EnumerateObject())
        {
            if (member.Name is not "note") return (Wrong($"{Phrases.Quote(member.Name)} is not a member of it"), null);
            note = member.Value.ValueKind is JsonValueKind.String ? member.Value.GetString() : null;
            if (string.IsNullOrWhiteSpace(note) || note.Length > LongestNote) return (Wrong(string.Create(CultureInfo.InvariantCulture, $"`note` is a string of 1 to {LongestNote} characters")), null);
        }

        return (null, note);
    }

    private static Problem Wrong(string what) => new(ProblemKind.AcknowledgementInvalid, $"The body is {{\"note\":\"we look after it\"}}, or none: {what}.");

    private static string IdOf(HttpContext context) => (string?)context.Request.RouteValues["id"] ?? "";

    private static Task WriteUnknownAsync(HttpContext context) => ProblemResponse.WriteAsync(context, new Problem(ProblemKind.AlertUnknown,
        $"No alert has the id {Phrases.Quote(IdOf(context))}. Ids are {AlertId.Prefix} and 32 hex digits; GET /v1/admin/alerts lists them."));

    private static Problem? Read(IQueryCollection query, out Asked asked)
    {
        asked = new Asked([AlertState.Open, AlertState.Acknowledged], null, null, UsualPerPage);
        foreach (var (name, values) in query)
        {
            if (!Names.Contains(name, StringComparer.Ordinal)) return Broken($"{Phrases.Quote(name)} is not a filter.{Phrases.Suggest(name, Names)} Filters are {string.Join(", ", Names)}.");
            if (values is not [{ Length: > 0 and <= 64 } value]) return Broken($"{name} is given once, with 1 to 64 characters.");
            switch (name)
            {
                case "state" when !States.ContainsKey(value):
                    return Broken($"state={value} is no state of an alert.{Phrases.Suggest(value, States.Keys)} States are {string.Join(", ", States.Keys)}.");
                case "state":
                    asked = asked with { States = States[value] };
                    break;
                case "kind" when !AlertKinds.All.Contains(value):
                    return Broken($"kind={value} is no kind of alert.{Phrases.Suggest(value, AlertKinds.All)} Kinds are {string.Join(", ", AlertKinds.All)}.");
                case "kind":
                    asked = asked with { Kind = value };
                    break;
                case "limit" when !int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) || limit is < 1 or > MostPerPage:
                    return Broken($"limit is a number from 1 to {MostPerPage}.");
                case "limit":
                    asked = asked with { Limit = int.Parse(value, CultureInfo.InvariantCulture) };
                    break;
                default:
                    if (!AlertId.TryParse(value, out var before)) return new Problem(ProblemKind.CursorInvalid, "The cursor was not given out for this list. Take `next` of the page before as it is, or leave the cursor out.");
                    asked = asked with { Before = before };
                    break;
            }
        }

        return null;
    }

    private static Problem Broken(string detail) => new(ProblemKind.FilterInvalid, detail);

    private static AlertRecord Of(Alert alert) => new()
    {
        Id = alert.Id.ToString(),
        Kind = alert.Kind,
        What = alert.What,
        Feature = alert.Feature,
        Endpoint = AlertWords.EndpointOf(alert),
        State = AlertWords.StateOf(alert),
        Summary = AlertWords.Of(alert),
        Amount = AlertKinds.Shown(alert.Kind, alert.Amount),
        Threshold = AlertKinds.Shown(alert.Kind, alert.Threshold),
        Unit = AlertKinds.UnitOf(alert.Kind),
        Since = DateTimeOffset.FromUnixTimeMilliseconds(alert.Opened),
        Ended = Time(alert.Ended),
        Returned = alert.Times,
        Acknowledged = Time(alert.Acknowledgement?.At),
        AcknowledgedBy = alert.Acknowledgement?.Actor,
        Note = alert.Acknowledgement?.Note,
        Told = Time(alert.ToldAt),
    };

    private static DateTimeOffset? Time(long? at) => at is { } moment ? DateTimeOffset.FromUnixTimeMilliseconds(moment) : null;
}

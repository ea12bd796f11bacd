using System.Text.Json;
using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;
using Headway.AspNetCore.Features.Headers;
using Headway.AspNetCore.Jobs;
using Headway.AspNetCore.Routing;
using Headway.Client;
using Headway.Delivery;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Delivery;

/// <summary>What endpoints were told and how they are, and telling them again.</summary>
internal sealed class DeliveryEndpoints(EngineHost host)
{
    private const int LargestBody = 4_096;

    private EndpointDesk Desk => host.Engine.Endpoints;

    // Of all features: a key for some sees none of it.
    private static readonly RequiredRoles Operators = new(Roles.Operator) { WholeTenant = true };

    // An endpoint is one for all tenants.
    private static readonly RequiredRoles OfAllTenants = Operators with { Everywhere = true };

    public void Map(ApiRoutes routes) => routes
        .Get("/v1/jobs/{id}/deliveries", OfJobAsync)
        .Post("/v1/deliveries/{id}/replay", ReplayAsync, Operators)
        .Get("/v1/endpoints", ListAsync, Operators)
        .Post("/v1/endpoints/{name}/test", TestAsync, OfAllTenants)
        .Post("/v1/endpoints/{name}/enable", EnableAsync, OfAllTenants)
        .Post("/v1/endpoints/{name}/recover", RecoverAsync, Operators);

    private async Task OfJobAsync(HttpContext context)
    {
        if (JobEndpoints.TryId(context, out var id) && await Desk.OfJobAsync(Callers.Of(context), id) is { } deliveries)
            await Json.WriteAsync(context, StatusCodes.Status200OK, new DeliveryListRecord([.. deliveries.Select(DeliveryWire.Of)]), HeadwayJson.Wire.DeliveryListRecord);
        else await JobEndpoints.WriteUnknownAsync(context);
    }

    private async Task ReplayAsync(HttpContext context)
    {
        var text = (string?)context.Request.RouteValues["id"] ?? "";
        var (how, delivery) = DeliveryId.TryParse(text, out var id) ? await Desk.ReplayAsync(Callers.Of(context), id) : (Redelivery.Unknown, null);
        if (how is Redelivery.Done) await Json.WriteAsync(context, StatusCodes.Status202Accepted, DeliveryWire.Of(delivery!), HeadwayJson.Wire.DeliveryRecord);
        else await ProblemResponse.WriteAsync(context, how switch
        {
            Redelivery.UnderWay => new Problem(ProblemKind.DeliveryUnderWay, $"{id} is being sent at this moment. GET /v1/jobs/{delivery!.Job}/deliveries tells what became of it."),
            Redelivery.IsTest => new Problem(ProblemKind.DeliveryIsTest, $"{id} is a test and is sent once. POST /v1/endpoints/{delivery!.Endpoint}/test sends another."),
            _ => new Problem(ProblemKind.DeliveryUnknown, $"No delivery has the id {Phrases.Quote(text)}. Ids are {DeliveryId.Prefix} and 32 hex digits; GET /v1/jobs/JOB/deliveries lists them."),
        });
    }

    private async Task ListAsync(HttpContext context) => await Json.WriteAsync(context, StatusCodes.Status200OK,
        new EndpointListRecord([.. (await Desk.ListAsync(Callers.Of(context))).Select(DeliveryWire.Of)]), HeadwayJson.Wire.EndpointListRecord);

    private async Task TestAsync(HttpContext context)
    {
        if (await Desk.TestAsync(Callers.Of(context), NameOf(context)) is { } delivery) await Json.WriteAsync(context, StatusCodes.Status200OK, DeliveryWire.Of(delivery), HeadwayJson.Wire.DeliveryRecord);
        else await WriteUnknownAsync(context);
    }

    private async Task EnableAsync(HttpContext context)
    {
        var name = NameOf(context);
        if (await Desk.EnableAsync(name))
            await Json.WriteAsync(context, StatusCodes.Status200OK, DeliveryWire.Of((await Desk.ListAsync(Callers.Of(context))).First(endpoint => endpoint.Name == name)), HeadwayJson.Wire.EndpointRecord);
        else await WriteUnknownAsync(context);
    }

    private async Task RecoverAsync(HttpContext context)
    {
        var name = NameOf(context);
        if ((await Desk.ListAsync(Callers.Of(context))).All(endpoint => endpoint.Name != name))
        {
            await WriteUnknownAsync(context);
            return;
        }

        var (problem, since) = await ReadSinceAsync(context);
        if (problem is not null)
        {
            await ProblemResponse.WriteAsync(context, problem);
            return;
        }

        var recovered = await Desk.RecoverAsync(Callers.Of(context), name, since);
        await Json.WriteAsync(context, StatusCodes.Status200OK, new RecoveryRecord(recovered, recovered == EndpointDesk.MostRecovered), HeadwayJson.Wire.RecoveryRecord);
    }

    private static async ValueTask<(Problem? Problem, DateTimeOffset Since)> ReadSinceAsync(HttpContext context)
    {
        var (problem, parsed) = await JsonBody.ReadDocumentAsync(context.Request, LargestBody, static () => Broken("it is too long"));
        if (problem is not null) return (problem, default);
        using var document = parsed!;
        var root = document.RootElement;
        if (root.ValueKind is not JsonValueKind.Object) return (Broken("it must be a JSON object"), default);
        foreach (var member in root.EnumerateObject())
        {
            if (member.Name != "since") return (Broken($"{Phrases.Quote(member.Name)} is not a member of it"), default);
        }

        return root.TryGetProperty("since", out var said) && said.ValueKind is JsonValueKind.String && Moment.TryTime(said.GetString()!, out var since)
            ? (null, since)
            : (Broken("`since` must be a time with its offset"), default);
    }

    private static Problem Broken(string what) => new(ProblemKind.RecoveryInvalid, $"The body of a recovery is {{\"since\":\"2026-03-01T12:00:00Z\"}}: {what}.");

    private static string NameOf(HttpContext context) => (string?)context.Request.RouteValues["name"] ?? "";

    private Task WriteUnknownAsync(HttpContext context)
    {
        var name = NameOf(context);
        return ProblemResponse.WriteAsync(context, new Problem(ProblemKind.EndpointUnregistered,
            $"The feature file registers no endpoint {Phrases.Quote(name)} under `endpoints`.{Phrases.Suggest(name, host.Engine.Features.Endpoints.Keys)}"));
    }
}

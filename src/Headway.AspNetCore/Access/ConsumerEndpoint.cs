using Headway.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Routing;
using Headway.Client;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Access;

/// <summary>Who calls which version of a feature: before a version goes, whom to tell.</summary>
internal sealed class ConsumerEndpoint(EngineHost host)
{
    private const int Most = 2_000;

    public void Map(ApiRoutes routes) => routes.Get("/v1/admin/consumers", ListAsync, new RequiredRoles(Roles.Admin | Roles.Operator | Roles.Auditor) { WholeTenant = true });

    private async Task ListAsync(HttpContext context)
    {
        var asked = context.Request.Query["feature"];
        if (asked.Count > 1 || asked is [""])
        {
            await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.FilterInvalid, "feature is given once, with the name of a feature."));
            return;
        }

        var caller = Callers.Of(context);
        var found = await host.Engine.Access.Consumers.ListAsync(caller.Everywhere ? null : caller.Tenant, (string?)asked, Most + 1);
        var names = host.Engine.Access.Ring.All.ToDictionary(key => key.Id, key => key.Name, StringComparer.Ordinal);
        var record = new ConsumerListRecord([.. found.Take(Most).Select(one => Of(one, names))], found.Count > Most);
        await Json.WriteAsync(context, StatusCodes.Status200OK, record, HeadwayJson.Wire.ConsumerListRecord);
    }

    private ConsumerRecord Of(Consumer consumer, Dictionary<string, string> names)
    {
        var version = host.Engine.Features.Features.GetValueOrDefault(consumer.Feature)?.Versions.FirstOrDefault(one => one.Number == consumer.Version);
        return new ConsumerRecord
        {
            Tenant = consumer.Tenant,
            Feature = consumer.Feature,
            Version = consumer.Version,
            Deprecated = version?.Deprecated,
            Sunset = version?.Sunset,
            Actor = consumer.Actor,
            Name = names.GetValueOrDefault(consumer.Actor),
            Since = consumer.Since,
            LastCalled = consumer.Last,
            Calls = consumer.Calls,
        };
    }
}

using Headway.Access;
using Headway.AspNetCore.Routing;
using Headway.Client;
using Headway.Features;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.Features;

/// <summary>Which features there are, and under which contracts.</summary>
internal sealed class FeatureListEndpoint(EngineHost host)
{
    public void Map(ApiRoutes routes) => routes.Get("/v1/features", ListAsync, Roles.All);

    private Task ListAsync(HttpContext context)
    {
        var features = host.Engine.Features.Features.Values.Where(feature => Callers.Of(context).MayCall(feature.Name)).Select(feature => new FeatureRecord(feature.Name, feature.Summary, [.. feature.Versions.Select(Of)]));
        return Json.WriteAsync(context, StatusCodes.Status200OK, new FeatureListRecord([.. features]), HeadwayJson.Wire.FeatureListRecord);
    }

    private static FeatureVersionRecord Of(FeatureVersion version) => new()
    {
        Version = version.Number,
        Summary = version.Summary,
        Mode = (Client.Mode)version.Contract.Mode,
        Route = version.Route,
        WaitSeconds = version.Contract.Wait?.TotalSeconds,
        DeliverWithinSeconds = version.Contract.DeliverWithin?.TotalSeconds,
        TimeoutSeconds = version.Timeout.TotalSeconds,
        Deprecated = version.Deprecated,
        Sunset = version.Sunset,
    };
}

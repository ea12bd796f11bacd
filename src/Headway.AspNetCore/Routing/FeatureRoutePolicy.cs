using Headway.AspNetCore.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;

namespace Headway.AspNetCore.Routing;

/// <summary>Marks the endpoint that serves the paths which features declare for themselves.</summary>
internal sealed class FeatureRouteMark
{
    public static readonly FeatureRouteMark Instance = new();
}

/// <summary>Lets that endpoint match only paths that the feature file declares now, so that the host's own fallbacks keep the rest.</summary>
internal sealed class FeatureRoutePolicy(EngineHost host) : MatcherPolicy, IEndpointSelectorPolicy
{
    public override int Order => 0;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints)
    {
        foreach (var endpoint in endpoints)
        {
            if (endpoint.Metadata.GetMetadata<FeatureRouteMark>() is not null) return true;
        }

        return false;
    }

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates)
    {
        for (var i = 0; i < candidates.Count; i++)
        {
            if (!candidates.IsValidCandidate(i)) continue;

            // Candidates come best first: a fixed route wins whatever is decided about the rest.
            if (candidates[i].Endpoint.Metadata.GetMetadata<FeatureRouteMark>() is null) break;
            candidates.SetValidity(i, host.IsRunning && FeatureLookup.ByRoute(host.Engine.Features, httpContext.Request.Path.Value ?? "") is not null);
        }

        return Task.CompletedTask;
    }
}

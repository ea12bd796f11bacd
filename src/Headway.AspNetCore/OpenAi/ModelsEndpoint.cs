using System.Text.Json;
using Headway.AspNetCore.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;
using Headway.AspNetCore.Routing;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.OpenAi;

/// <summary>`GET /v1/models` and `/v1/models/{id}`: what `model` can name, which is the exposed models and the features.</summary>
internal sealed class ModelsEndpoint(EngineHost host, NodeClock time)
{
    // A feature has no age that would mean anything to a client; what it sees began with this node.
    private readonly long _since = time.GetUtcNow().ToUnixTimeSeconds();

    public void Map(ApiRoutes routes) => routes
        .OpenAi(HttpMethods.Get, "/v1/models", ListAsync)
        .OpenAi(HttpMethods.Get, "/v1/models/{id}", ShowAsync);

    private Task ListAsync(HttpContext context) => Json.WriteAsync(context, json =>
    {
        var caller = Callers.Of(context);
        json.WriteStartObject();
        json.WriteString("object", "list");
        json.WriteStartArray("data");
        foreach (var feature in host.Engine.Features.Features.Values.Where(feature => FeatureLookup.Callable(feature.Latest) is null && caller.MayCall(feature.Name))) Write(json, feature.Name);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private Task ShowAsync(HttpContext context)
    {
        var id = (string)context.Request.RouteValues["id"]!;
        return (FeatureLookup.Find(host.Engine.Features, id, out var version) ?? KeyScope.Judge(Callers.Of(context), version!.Feature)) is { } problem
            ? ProblemResponse.WriteAsync(context, problem with { Param = "model" })
            : Json.WriteAsync(context, json => Write(json, id));
    }

    private void Write(Utf8JsonWriter json, string id)
    {
        json.WriteStartObject();
        json.WriteString("id", id);
        json.WriteString("object", "model");
        json.WriteNumber("created", _since);
        json.WriteString("owned_by", "headway");
        json.WriteEndObject();
    }
}

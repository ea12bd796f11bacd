using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Headway.AspNetCore.Health;

/// <summary>For whoever watches the process: does it live, and should calls be sent to it.</summary>
internal sealed class HealthEndpoints(EngineHost host, IHostApplicationLifetime lifetime)
{
    public void Map(ApiRoutes routes) => routes
        .Get("/health/live", context => WriteAsync(context, "live"))
        .Get("/health/ready", ReadyAsync);

    private Task ReadyAsync(HttpContext context) => host.IsRunning && !lifetime.ApplicationStopping.IsCancellationRequested
        ? WriteAsync(context, "ready")
        : ProblemResponse.WriteAsync(context, new Problem(ProblemKind.ShuttingDown, "Send calls to another node.") { RetryAfter = TimeSpan.FromSeconds(5) });

    private static Task WriteAsync(HttpContext context, string status)
    {
        context.Response.ContentType = Json.MediaType;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync($$"""{"status":"{{status}}"}""", context.RequestAborted);
    }
}

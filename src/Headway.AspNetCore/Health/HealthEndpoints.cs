using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Routing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;

namespace Headway.AspNetCore.Health;

/// <summary>For whoever watches the process: does it live, and should calls be sent to it.</summary>
internal sealed class HealthEndpoints(EngineHost host, IHostApplicationLifetime lifetime)
{
    public void Map(ApiRoutes routes) => routes
        .Open(HttpMethods.Get, "/health/live", context => WriteAsync(context, "live"))
        .Open(HttpMethods.Get, "/health/ready", ReadyAsync);

    // A node whose database does not answer refuses every call: whoever spreads the calls is told as the callers would be.
    private async Task ReadyAsync(HttpContext context)
    {
        if (host.IsRunning && !lifetime.ApplicationStopping.IsCancellationRequested)
        {
            await host.Engine.Database.ProbeAsync().ConfigureAwait(false);
            await WriteAsync(context, "ready").ConfigureAwait(false);
            return;
        }
        await ProblemResponse.WriteAsync(context, new Problem(ProblemKind.ShuttingDown, "Send calls to another node.") { RetryAfter = TimeSpan.FromSeconds(5) }).ConfigureAwait(false);
    }

    private static Task WriteAsync(HttpContext context, string status)
    {
        context.Response.ContentType = Json.MediaType;
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync($$"""{"status":"{{status}}"}""", context.RequestAborted);
    }
}

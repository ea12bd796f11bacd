using Headway.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Headway.AspNetCore.Tests.Client;

/// <summary>A real Kestrel on a free port that plays what a test gives it, and keeps what was asked: what a server rarely does, such as hanging up.</summary>
internal sealed class WireServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _http;

    private WireServer(WebApplication app)
    {
        _app = app;
        _http = new HttpClient { BaseAddress = Address };
        Client = new HeadwayClient(_http, new ImpatientTime());
    }

    /// <summary>Does not pause between tries.</summary>
    public HeadwayClient Client { get; }

    public Uri Address => new(_app.Urls.Single() + "/");

    public static async Task<WireServer> StartAsync(Action<IEndpointRouteBuilder> map)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        map(app);
        await app.StartAsync();
        return new WireServer(app);
    }

    /// <summary>Writes events, then ends the answer well.</summary>
    public static async Task StreamAsync(HttpContext context, string events)
    {
        context.Response.ContentType = "text/event-stream";
        await context.Response.WriteAsync(events);
        await context.Response.Body.FlushAsync();
    }

    /// <summary>Writes events, and cuts the connection once the client has seen them: a reset overtakes bytes that were not read yet.</summary>
    public static async Task StreamAndCutAsync(HttpContext context, string events, Task seen)
    {
        await StreamAsync(context, events);
        await seen;
        context.Abort();
    }

    public static string Job(string id, JobState state) => $$"""
        {"id":"{{id}}","feature":"f","version":1,"mode":"async","state":"{{state.ToString().ToLowerInvariant()}}","priority":5,"attempt":1,"created":"2026-03-01T12:00:00.000Z",
         "correlation":"c","links":{"self":"/v1/jobs/{{id}}","result":"/v1/jobs/{{id}}/result","events":"/v1/jobs/{{id}}/events","audit":"/v1/jobs/{{id}}/audit"} }
        """;

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.DisposeAsync();
    }
}

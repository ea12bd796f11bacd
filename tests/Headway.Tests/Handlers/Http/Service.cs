using System.Collections.Concurrent;
using Headway.Features;
using Headway.Handlers;
using Headway.Handlers.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Headway.Tests.Handlers.Http;

/// <summary>A real service on a loopback port, the handler that calls it, and what the service saw.</summary>
internal sealed class Service : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpUpstreams _upstreams;

    private Service(WebApplication app, ManualTime time)
    {
        _app = app;
        Time = time;
        _upstreams = new HttpUpstreams(time);
        Url = new Uri(app.Urls.Single() + "/work?token=secret");
    }

    public Uri Url { get; }
    public ManualTime Time { get; }
    public Attempts Attempts { get; } = new();
    public ConcurrentQueue<Seen> Calls { get; } = new();

    public static Task<Service> AnsweringAsync(string mediaType, string body, int status = 200, Action<IHeaderDictionary>? headers = null) => StartAsync(async context =>
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = mediaType;
        headers?.Invoke(context.Response.Headers);
        await context.Response.WriteAsync(body);
    });

    public static async Task<Service> StartAsync(RequestDelegate answer)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        Service? service = null;
        app.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            context.Request.Body = new MemoryStream(body.ToArray());
            service!.Calls.Enqueue(new Seen(context.Request.Headers.ToDictionary(pair => pair.Key, pair => pair.Value.ToString(), StringComparer.OrdinalIgnoreCase), body.ToArray()));
            await answer(context);
        });
        await app.StartAsync();
        return service = new Service(app, new ManualTime(Attempts.Start));
    }

    public HttpDefinition Definition(params (string Name, string Value)[] headers) =>
        new() { Url = Url, Headers = headers.ToDictionary(header => header.Name, header => header.Value) };

    public Task<Outcome> CallAsync(string json = "{}", OutputShape? output = null, CancellationToken stop = default) => CallAsync(Attempts.Make(Attempts.Version(Definition(), output), json), stop);

    public Task<Outcome> CallAsync(Attempt attempt, CancellationToken stop = default) =>
        new HttpHandler((HttpDefinition)attempt.Feature.Handler, _upstreams.For(Url), static _ => null).RunAsync(attempt, stop);

    public HttpHandler Handler(HttpDefinition definition) => new(definition, _upstreams.For(Url), static _ => null);

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        _upstreams.Dispose();
        await _app.DisposeAsync();
    }
}

internal sealed record Seen(IReadOnlyDictionary<string, string> Headers, byte[] Body);

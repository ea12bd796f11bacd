using System.Globalization;
using System.Text;
using Headway.Handlers;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Headway.Bench.Wire;

/// <summary>Kestrel on loopback, three times: the upstream that does the work, and Headway in front of it. The upstream is also the bare echo.</summary>
internal static class Hosts
{
    /// <summary>Events in one streamed answer of the upstream.</summary>
    public const int Events = 200;

    private static readonly byte[] Completion = Encoding.UTF8.GetBytes(
        $$$"""{"id":"chatcmpl-1","object":"chat.completion","choices":[{"index":0,"message":{"role":"assistant","content":"{{{new string('a', 800)}}}"}}]}""");
    private static readonly byte[] Event = "data: \"token \"\n\n"u8.ToArray();

    public static async Task<WebApplication> UpstreamAsync()
    {
        var app = Build();
        app.MapPost("/echo", async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.ContentType = Result.Json;
            context.Response.ContentLength = Completion.Length;
            await context.Response.BodyWriter.WriteAsync(Completion);
        });
        app.MapPost("/burst", async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null);
            context.Response.ContentType = "text/event-stream";
            for (var sent = 0; sent < Events; sent++)
            {
                Event.CopyTo(context.Response.BodyWriter.GetSpan(Event.Length));
                context.Response.BodyWriter.Advance(Event.Length);
                if (sent % 20 == 0) await context.Response.BodyWriter.FlushAsync();
            }
        });
        await app.StartAsync();
        return app;
    }

    public static async Task<WebApplication> HeadwayAsync(string folder, Uri upstream)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, "headway.yaml");
        await File.WriteAllTextAsync(file, $$"""
            features:
              relay:
                contract: { mode: sync, caller: waits, acceptableWait: 5s }
                handler: { http: {{upstream}}echo }
                timeout: 5s
                fallback: none
                pool: { concurrency: 512, queue: 512 }
              guarded:
                contract: { mode: sync, caller: waits, acceptableWait: 5s, data: phi }
                handler: { http: {{upstream}}echo, allowedData: [phi] }
                timeout: 5s
                fallback: none
                retention: { payload: 30d, record: 30d }
                pool: { concurrency: 512, queue: 512 }
              burst:
                contract: { mode: stream, caller: converses, output: prose }
                handler: { http: {{upstream}}burst }
                timeout: 30s
                pool: { concurrency: 512, queue: 512 }
              held:
                contract: { mode: async, caller: leaves, deliverWithin: 1h }
                handler: code
                timeout: 10m
                retry: { attempts: 2, backoff: 1s..1m }
                pool: { concurrency: 1, queued: 100000000 }
            """);
        var app = Build(builder => builder.AddHeadway(options =>
        {
            options.File = file;
            options.Database = $"sqlite:{DatabaseOf(folder)}";
        }));
        app.MapFeature<object, string>("held", async (_, _, stop) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
            return "";
        });
        app.MapHeadway();
        await app.StartAsync();
        return app;
    }

    public static string DatabaseOf(string folder) => Path.Combine(folder, "headway.db");

    public static Uri AddressOf(WebApplication app) => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());

    public static WebApplication Build(Action<WebApplicationBuilder>? configure = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.Free()}"));
        configure?.Invoke(builder);
        return builder.Build();
    }
}

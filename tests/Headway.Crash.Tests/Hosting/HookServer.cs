using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Headway.Crash.Tests.Hosting;

/// <summary>Who the nodes tell of their jobs' ends: keeps which job came under which id, outside of any database.</summary>
internal sealed class HookServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentDictionary<string, ConcurrentQueue<string>> _ids = new();

    private HookServer(WebApplication app) => _app = app;

    public (string Name, string Value) Setting => ("HEADWAY_CRASH_HOOK", _app.Urls.Single() + "/");

    /// <summary>Of each job, the ids under which it came, in their order.</summary>
    public IReadOnlyDictionary<string, ConcurrentQueue<string>> Ids => _ids;

    public static async Task<HookServer> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new HookServer(builder.Build());
        server._app.Run(server.TakeAsync);
        await server._app.StartAsync();
        return server;
    }

    private async Task TakeAsync(HttpContext context)
    {
        using var told = await JsonDocument.ParseAsync(context.Request.Body);
        var job = told.RootElement.GetProperty("data").GetProperty("id").GetString()!;
        _ids.GetOrAdd(job, _ => new ConcurrentQueue<string>()).Enqueue(context.Request.Headers["webhook-id"].ToString());
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}

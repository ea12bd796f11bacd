using Headway.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Headway.AspNetCore.Tests.Cli;

/// <summary>A whole node on a free port with its own folder: feature file, templates, database. Beside it, a service that works only when a test says so.</summary>
public sealed class LiveServer : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("headway-cli-").FullName;
    private readonly HttpClient _http = new();
    private readonly SemaphoreSlim _gate = new(0);
    private WebApplication? _work;
    private WebApplication? _app;
    private bool _down;

    public string Address => _app!.Urls.Single();

    public HeadwayClient Client => new(_http);

    /// <summary>Lets so many calls of `gated` be answered.</summary>
    public void Open(int calls) => _gate.Release(calls);

    /// <summary>Whether `breakable` refuses what it is given.</summary>
    public bool IsDown { set => Volatile.Write(ref _down, value); }

    public async ValueTask InitializeAsync()
    {
        _work = Host();
        _work.MapPost("/gated", async context =>
        {
            await _gate.WaitAsync(context.RequestAborted);
            await Results.Text("""{"ok":true}""", "application/json").ExecuteAsync(context);
        });
        _work.MapPost("/echo", context =>
        {
            context.Response.ContentType = "application/json";
            return context.Request.Body.CopyToAsync(context.Response.Body);
        });
        _work.MapPost("/breakable", () => Volatile.Read(ref _down) ? Results.StatusCode(500) : Results.Text("""{"mended":true}""", "application/json"));
        await _work.StartAsync();

        Directory.CreateDirectory(Path.Combine(_folder, "prompts"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "prompts", "summary.hbs"), "Summarise: {{text}}");
        await File.WriteAllTextAsync(Path.Combine(_folder, "headway.yaml"), Features(_work.Urls.Single()));
        _app = Host(builder => builder.AddHeadway(options =>
        {
            options.File = Path.Combine(_folder, "headway.yaml");
            options.Listen = "http://127.0.0.1:0";
        }));
        _app.MapHeadway();
        await _app.StartAsync();
        _http.BaseAddress = new Uri(Address + "/");
    }

    /// <summary>Runs a command against this node.</summary>
    internal Task<CommandLine> RunAsync(string words, string input = "", bool interactive = false)
        => CommandLine.RunAsync([.. words.Split(' '), "--server", Address], input, interactive);

    public async ValueTask DisposeAsync()
    {
        if (_app is not null) await _app.DisposeAsync();
        if (_work is not null) await _work.DisposeAsync();
        _http.Dispose();
        _gate.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static WebApplication Host(Action<WebApplicationBuilder>? add = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        if (add is null) builder.WebHost.UseSetting("urls", "http://127.0.0.1:0");
        add?.Invoke(builder);
        return builder.Build();
    }

    private static string Features(string work) => $$"""
        models:
          practice: { provider: rehearsal, firstToken: { p50: 1ms, p99: 2ms }, tokensPerSecond: 2000, seed: 7 }
        features:
          summary:
            contract: { mode: sync }
            handler: { prompt: prompts/summary.hbs, models: [practice] }
          chat:
            contract: { mode: stream }
            handler: { prompt: prompts/summary.hbs, models: [practice] }
          later:
            contract: { mode: async, deliverWithin: 10m }
            handler: { http: "{{work}}/echo" }
          gated:
            contract: { mode: hybrid, wait: 5s, deliverWithin: 10m }
            handler: { http: "{{work}}/gated" }
          breakable:
            contract: { mode: async, deliverWithin: 10m }
            handler: { http: "{{work}}/breakable" }
            retry: { attempts: 1 }
        """;
}

using Headway.Features;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headway.AspNetCore.Tests;

/// <summary>A whole Headway on a loopback port and a database of its own: real Kestrel, real engine, real SQLite, gone with its folder when disposed of.</summary>
internal sealed class HeadwayHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;

    private HeadwayHost(WebApplication app, string folder)
    {
        _app = app;
        _folder = folder;
        Http = new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
    }

    public HttpClient Http { get; }

    public Engine Engine => _app.Services.GetRequiredService<EngineHost>().Engine;

    public IServiceProvider Services => _app.Services;

    public string File => Path.Combine(_folder, "headway.yaml");

    /// <param name="file">Text of the feature file; null: there is none.</param>
    /// <param name="map">Maps code handlers.</param>
    /// <param name="listen">Where to listen. Default: a free port of loopback.</param>
    /// <param name="beside">Files beside the feature file, by name.</param>
    public static async Task<HeadwayHost> StartAsync(string? file, Action<WebApplication>? map = null, string? listen = null, params (string Name, string Text)[] beside)
    {
        var folder = Directory.CreateTempSubdirectory("headway-edge-").FullName;
        if (file is not null) await System.IO.File.WriteAllTextAsync(Path.Combine(folder, "headway.yaml"), file);
        foreach (var (name, text) in beside)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await System.IO.File.WriteAllTextAsync(path, text);
        }

        try
        {
            return await StartInAsync(folder, map, listen ?? "http://127.0.0.1:0");
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    private static async Task<HeadwayHost> StartInAsync(string folder, Action<WebApplication>? map, string listen)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = folder });
        builder.Logging.ClearProviders();
        builder.AddHeadway(options =>
        {
            options.File = Path.Combine(folder, "headway.yaml");
            options.Database = $"sqlite:{Path.Combine(folder, "headway.db")}";
            options.Listen = listen;
        });
        var app = builder.Build();
        try
        {
            map?.Invoke(app);
            app.MapHeadway();
            await app.StartAsync();
            return new HeadwayHost(app, folder);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    /// <summary>Changes the feature file; ends when the change is in force or refused.</summary>
    public async Task<Reload> ReloadAsync(string file)
    {
        var told = new TaskCompletionSource<Reload>(TaskCreationOptions.RunContinuationsAsynchronously);
        Engine.Catalog.Reloaded += reload => told.TrySetResult(reload);
        await System.IO.File.WriteAllTextAsync(File, file);
        return await told.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }

    public Task StopAsync() => _app.StopAsync();

    /// <summary>Stops, and starts anew on the same file and database; the old one is gone.</summary>
    public async Task<HeadwayHost> RestartAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        return await StartInAsync(_folder, null, "http://127.0.0.1:0");
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

using Headway.Features;
using Headway.Tests.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Headway.AspNetCore.Tests;

/// <summary>A whole Headway on a loopback port and a database of its own: real Kestrel, real engine, real database, gone with its folder when disposed of.</summary>
internal sealed class HeadwayHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly string _folder;
    private readonly string _database;
    private readonly TimeProvider? _time;

    private HeadwayHost(WebApplication app, string folder, string database, TimeProvider? time)
    {
        (_app, _folder, _database, _time) = (app, folder, database, time);
        Http = new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
    }

    public HttpClient Http { get; }

    public Engine Engine => _app.Services.GetRequiredService<EngineHost>().Engine;

    public IServiceProvider Services => _app.Services;

    public string File => Path.Combine(_folder, "headway.yaml");

    private bool _isBeside;

    /// <summary>Another node on the same file and database, which goes before this one.</summary>
    public async Task<HeadwayHost> StartBesideAsync(Action<WebApplication>? map = null)
    {
        var beside = await StartInAsync(_folder, _database, map, "http://127.0.0.1:0", _time);
        beside._isBeside = true;
        return beside;
    }

    /// <param name="file">Text of the feature file; null: there is none.</param>
    /// <param name="map">Maps code handlers.</param>
    /// <param name="listen">Where to listen. Default: a free port of loopback.</param>
    /// <param name="time">Default: that of the system.</param>
    /// <param name="beside">Files beside the feature file, by name.</param>
    public static async Task<HeadwayHost> StartAsync(string? file, Action<WebApplication>? map = null, string? listen = null, TimeProvider? time = null, params (string Name, string Text)[] beside)
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
            return await StartInAsync(folder, TestDatabase.At(Path.Combine(folder, "headway.db")), map, listen ?? "http://127.0.0.1:0", time);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    /// <summary>On a database of a server that the test may stop.</summary>
    public static async Task<HeadwayHost> OnAsync(string database, string file)
    {
        var folder = Directory.CreateTempSubdirectory("headway-edge-").FullName;
        await System.IO.File.WriteAllTextAsync(Path.Combine(folder, "headway.yaml"), file);
        return await StartInAsync(folder, database, null, "http://127.0.0.1:0", null);
    }

    private static async Task<HeadwayHost> StartInAsync(string folder, string database, Action<WebApplication>? map, string listen, TimeProvider? time)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = folder });
        builder.Logging.ClearProviders();
        builder.AddHeadway(options =>
        {
            options.File = Path.Combine(folder, "headway.yaml");
            options.Database = database;
            options.Listen = listen;
            if (time is not null) options.Time = time;
        });
        var app = builder.Build();
        try
        {
            map?.Invoke(app);
            app.MapHeadway();
            await app.StartAsync();
            return new HeadwayHost(app, folder, database, time);
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
    /// <param name="map">Maps code handlers.</param>
    public async Task<HeadwayHost> RestartAsync(Action<WebApplication>? map = null)
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        return await StartInAsync(_folder, _database, map, "http://127.0.0.1:0", _time);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        if (!_isBeside) Directory.Delete(_folder, recursive: true);
    }
}

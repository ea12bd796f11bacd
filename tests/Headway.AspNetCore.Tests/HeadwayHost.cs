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

    /// <param name="file">Text of the feature file.</param>
    /// <param name="map">Maps code handlers.</param>
    /// <param name="beside">Files beside it, by name.</param>
    public static async Task<HeadwayHost> StartAsync(string file, Action<WebApplication>? map = null, params (string Name, string Text)[] beside)
    {
        var folder = Directory.CreateTempSubdirectory("headway-edge-").FullName;
        await System.IO.File.WriteAllTextAsync(Path.Combine(folder, "headway.yaml"), file);
        foreach (var (name, text) in beside)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await System.IO.File.WriteAllTextAsync(path, text);
        }

        try
        {
            return await StartInAsync(folder, map);
        }
        catch
        {
            Directory.Delete(folder, recursive: true);
            throw;
        }
    }

    private static async Task<HeadwayHost> StartInAsync(string folder, Action<WebApplication>? map)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = folder });
        builder.Logging.ClearProviders();
        builder.AddHeadway(options =>
        {
            options.File = Path.Combine(folder, "headway.yaml");
            options.Database = $"sqlite:{Path.Combine(folder, "headway.db")}";
            options.Listen = "http://127.0.0.1:0";
        });
        var app = builder.Build();
        map?.Invoke(app);
        app.MapHeadway();
        try
        {
            await app.StartAsync();
            return new HeadwayHost(app, folder);
        }
        catch
        {
            await app.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}

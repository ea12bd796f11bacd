using Headway;
using ResearchAgent.Library;

namespace ResearchAgent;

/// <summary>The agent's backend: Headway with two workflows and a library, and beside it the mirrors of the library, as services of their own.</summary>
internal sealed class ResearchHost : IAsyncDisposable
{
    private readonly WebApplication _mirrors;

    private ResearchHost(WebApplication mirrors, WebApplication app) => (_mirrors, App) = (mirrors, app);

    /// <summary>Where feature file and corpus lie: here when started from its own folder (then an edit is taken up at once), else beside the program.</summary>
    public static string Folder { get; } = File.Exists("headway.yaml") ? Directory.GetCurrentDirectory() : AppContext.BaseDirectory;

    public WebApplication App { get; }

    public static async Task<ResearchHost> StartAsync(WebApplicationOptions host, Action<HeadwayOptions>? configure = null)
    {
        // Naming a real server chooses the real model: the feature file reads this variable.
        if (Said("LLM_URL") is not null || Said("LLM_KEY") is not null) Environment.SetEnvironmentVariable("RESEARCH_MODEL", "writer");
        var shelf = new Shelf(Path.Combine(host.ContentRootPath!, "corpus"));
        var mirrors = await StartMirrorsAsync(shelf);
        try
        {
            var builder = WebApplication.CreateBuilder(host);
            builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
            builder.AddHeadway(configure);
            builder.Services.AddSingleton(shelf);
            builder.Services.AddSingleton(_ => new Mirrors(new Uri(mirrors.Urls.Single())));
            builder.Services.AddSingleton(new Reports(Said("RESEARCH_REPORTS") ?? Path.Combine(host.ContentRootPath!, "reports")));
            var app = builder.Build();
            app.MapHeadway();
            app.MapWorkflow<Research>("research");
            app.MapWorkflow<Investigate>("investigate");
            // What the editor reads before the decision, and everybody after it.
            app.MapGet("/reports/{job}", (string job, Reports reports) => reports.Find(job) is { } file ? Results.File(file, "text/markdown; charset=utf-8") : Results.NotFound());
            await app.StartAsync();
            return new ResearchHost(mirrors, app);
        }
        catch
        {
            await mirrors.DisposeAsync();
            throw;
        }
    }

    public Task WaitAsync() => App.WaitForShutdownAsync();

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        await _mirrors.DisposeAsync();
    }

    private static async Task<WebApplication> StartMirrorsAsync(Shelf shelf)
    {
        var listen = new Uri(Said("RESEARCH_MIRRORS") ?? "http://127.0.0.1:8082");
        try
        {
            return await Mirrors.ServeAsync(listen, shelf);
        }
        catch (IOException taken)
        {
            throw new HeadwayStartException($"The mirrors cannot listen on {listen}: {taken.Message} Name a free address in RESEARCH_MIRRORS.");
        }
    }

    private static string? Said(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? value : null;
}

namespace ResearchAgent.Library;

/// <summary>Two copies of the library behind HTTP. They hold the same, so it does not matter which of them answers first.</summary>
internal sealed class Mirrors(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address };

    public async Task<IReadOnlyList<Passage>> SearchAsync(string mirror, Search search, CancellationToken stop) =>
        await _http.GetFromJsonAsync<Passage[]>($"/{mirror}/search?topic={Uri.EscapeDataString(search.Topic)}&query={Uri.EscapeDataString(search.Query)}", stop) ?? [];

    /// <summary>Serves both. They end when what is given is disposed of.</summary>
    /// <param name="listen">A loopback address; port 0 takes any that is free.</param>
    public static async Task<WebApplication> ServeAsync(Uri listen, Shelf shelf)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.WebHost.UseUrls(listen.GetLeftPart(UriPartial.Authority));
        var app = builder.Build();
        foreach (var mirror in new[] { "north", "south" }) app.MapGet($"/{mirror}/search", (string topic, string query, CancellationToken stop) => shelf.SearchAsync(new Search(topic, query), stop));
        await app.StartAsync();
        return app;
    }

    public void Dispose() => _http.Dispose();
}

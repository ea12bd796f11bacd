namespace Headway.Bench.Gateways;

/// <summary>The `headway serve` that users start, with limits, prices, records, audit and telemetry on.</summary>
internal static class HeadwayNode
{
    public static string DatabaseOf(string folder) => Path.Combine(folder, "headway.db");

    public static async Task<Child> StartAsync(string folder, Uri upstream)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, "headway.yaml");
        await File.WriteAllTextAsync(file, $$"""
            defaults: { pool: { concurrency: 512, queue: 512 } }
            models:
              plain: { provider: openai, baseUrl: {{upstream}}v1, model: bench-1, {{Terms}}, expose: true }
              budgeted: { provider: openai, baseUrl: {{upstream}}v1, model: bench-1, {{Terms}}, expose: true, budget: { usdPerMonth: 1000000 } }
              sensitive: { provider: openai, baseUrl: {{upstream}}v1, model: bench-1, {{Terms}}, expose: true, data: phi, allowedData: [phi] }
            features: {}
            """);
        return await Child.OfDotnetAsync(Path.Combine(AppContext.BaseDirectory, "Headway.Server.dll"), "serve", "--file", file, "--listen", "http://127.0.0.1:0", "--database", $"sqlite:{DatabaseOf(folder)}");
    }

    private const string Terms = "price: { input: 0.25, output: 2.00 }, limits: { requestsPerMinute: 100000000, tokensPerMinute: 2000000000, concurrency: 1024 }, timeouts: { firstToken: 10s, total: 30s }";
}

using System.Globalization;
using Headway.Bench.Limits;
using Headway.Bench.Wire;

namespace Headway.Bench.Gateways;

/// <summary>The `headway serve` that users start, with limits, prices, records, audit and telemetry on.</summary>
internal static class HeadwayNode
{
    public static async Task<Child> StartAsync(string folder, Uri upstream)
    {
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, "headway.yaml");
        await File.WriteAllTextAsync(file, $$"""
            defaults: { pool: { concurrency: 2048, queue: 512 } }
            models:
              plain: { provider: openai, baseUrl: {{upstream}}v1, model: bench-1, {{Terms}}, expose: true }
              budgeted: { provider: openai, baseUrl: {{upstream}}v1, model: bench-1, {{Terms}}, expose: true, budget: { usdPerMonth: 1000000 } }
              sensitive: { provider: openai, baseUrl: {{upstream}}v1, model: bench-1, {{Terms}}, expose: true, data: phi, allowedData: [phi] }
            features: {}
            """);
        return await Child.OfDotnetAsync(Path.Combine(AppContext.BaseDirectory, "Headway.Server.dll"), "serve", "--file", file, "--listen", string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{Ports.Free()}"), "--database", $"sqlite:{DatabaseOf(folder)}");
    }

    /// <summary>Every call is one job that succeeded and was paid, one event of the audit trail and one call of a model: else the figures are void.</summary>
    public static void Verify(Report report, string what, long calls, string folder) => report.Verify(what, calls, Count(folder,
        "SELECT min((SELECT count(*) FROM jobs WHERE state = 5 AND nano_usd > 0), (SELECT count(*) FROM audit_events WHERE action = 'served'), (SELECT count(*) FROM model_calls))"));

    public static long Count(string folder, string sql)
    {
        using var database = new LimitDatabase(DatabaseOf(folder), "");
        return database.Count(sql);
    }

    private static string DatabaseOf(string folder) => Path.Combine(folder, "headway.db");

    private const string Terms = "price: { input: 0.25, output: 2.00 }, limits: { requestsPerMinute: 100000000, tokensPerMinute: 2000000000, concurrency: 2048 }, timeouts: { firstToken: 10s, total: 120s }";
}

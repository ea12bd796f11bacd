using Headway.Bench.Limits;
using Headway.Handlers.Code;

namespace Headway.Bench.Queue;

/// <summary>Durable acceptances a second: the caller waits until its job is on disk. The pool is held, so that nothing else is measured.</summary>
internal static class Acceptance
{
    private const string Features = """
        features:
          held:
            contract: { mode: async, caller: leaves, deliverWithin: 1h }
            handler: code
            timeout: 10m
            retry: { attempts: 2, backoff: 1s..1m }
            pool: { concurrency: 1, queued: 100000000 }
        """;

    public static async Task MeasureAsync(Plan plan, string folder, Report report)
    {
        report.Section("Durable acceptance",
            "Each caller waits until its job is on disk. The same rows: what Headway writes, by Headway's own SQL, without Headway. Goals: 0.35 of one table, 0.7 of the same rows.",
            "callers | limit: one table/s | limit: same rows/s | Headway/s | of one table | of same rows | p50 | p99 | CPU µs (same rows)");
        foreach (var callers in plan.Callers)
        {
            var measured = await plan.InTurnAsync(
                duration => LimitAsync(folder, callers, duration, LimitRows.OneTableSchema, LimitRows.OneTable, "job", report),
                duration => LimitAsync(folder, callers, duration, LimitRows.EngineSchema(), LimitRows.SameRows, "jobs", report),
                duration => EngineAsync(folder, null, callers, duration, report));
            var (one, same, engine) = (measured[0], measured[1], measured[2]);
            report.Row($"{callers}", Report.Number(one.PerSecond), Report.Number(same.PerSecond), Report.Number(engine.PerSecond), Report.Ratio(engine.PerSecond / one.PerSecond),
                Report.Ratio(engine.PerSecond / same.PerSecond), Report.Time(engine.P50), Report.Time(engine.P99), $"{engine.CpuMicroseconds:0.0} ({same.CpuMicroseconds:0.0})");
        }
    }

    /// <summary>Jobs of bulk submissions a second, beside one call for each from as many callers.</summary>
    public static async Task MeasureBulkAsync(Plan plan, string folder, string where, Func<string?> server, Report report)
    {
        report.Section($"{where}: bulk acceptance", $"Each caller hands over {Lines} jobs at once and waits until all are on disk; beside it, one call for each job. Goal: a large multiple for one caller.",
            "callers | one call for each/s | bulk jobs/s | times | p50 of a group | CPU µs a job");
        foreach (var callers in new[] { 1, 4 })
        {
            var measured = await plan.InTurnAsync(
                duration => EngineAsync(folder, server(), callers, duration, report),
                duration => EngineAsync(folder, server(), callers, duration, report, Lines));
            var (single, bulk) = (measured[0], measured[1]);
            report.Row($"{callers}", Report.Number(single.PerSecond), Report.Number(bulk.PerSecond * Lines), Report.Ratio(bulk.PerSecond * Lines / single.PerSecond), Report.Time(bulk.P50), $"{bulk.CpuMicroseconds / Lines:0.0}");
        }
    }

    // As many as the HTTP API hands over together.
    private const int Lines = 500;

    private static async Task<Measured> LimitAsync(string folder, int callers, TimeSpan duration, string schema,
        Func<LimitDatabase, Action<LimitDatabase, byte[]>> rows, string table, Report report)
    {
        var file = Path.Combine(folder, $"limit-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}.db");
        using var database = new LimitDatabase(file, schema);
        Measured measured;
        await using (var writer = new LimitWriter(database, rows(database))) measured = await Load.CallersAsync(callers, duration, () => writer.InsertAsync(Node.Input));
        report.Verify($"limit at {callers} callers", measured.Calls, database.Count($"SELECT count(*) FROM {table}"));
        return measured;
    }

    /// <param name="server">The address of a database of PostgreSQL; null: a file.</param>
    /// <param name="many">How many a caller hands over together.</param>
    public static async Task<Measured> EngineAsync(string folder, string? server, int callers, TimeSpan duration, Report report, int many = 1)
    {
        var code = new CodeHandlers();
        code.Add<object, string>("held", async (_, _, stop) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
            return "";
        });
        await using var node = await Node.StartAsync(folder, code, Features, server);
        var feature = node.Feature("held");
        var measured = await Load.CallersAsync(callers, duration, () => many == 1 ? node.AcceptAsync(feature) : node.AcceptAsync(feature, many));
        report.Verify($"Headway at {callers} callers, {many} at once", measured.Calls * many,
            await node.CountAsync("SELECT min((SELECT count(*) FROM jobs), (SELECT count(*) FROM audit_events WHERE action = 'submitted'), (SELECT count(*) FROM queue))"));
        return measured;
    }
}

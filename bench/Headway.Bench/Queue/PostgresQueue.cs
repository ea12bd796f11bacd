using System.Diagnostics;
using Headway.Bench.Limits;
using Headway.Tests.Storage;

namespace Headway.Bench.Queue;

/// <summary>Acceptance, drain and pickup on PostgreSQL with its default durability, beside the limit and graphile-worker, each on a database of its own.</summary>
internal static class PostgresQueue
{
    // Of the backlog that a limit drains.
    private const int Together = 500;

    public static async Task MeasureAsync(Plan plan, string folder, Report report)
    {
        using var cluster = PostgresCluster.Start(durable: true);
        var graphile = await QueuePeer.Graphile.InstallAsync(folder, report);
        if (plan.Has("postgres", "acceptance")) await AcceptAsync(plan, folder, report, cluster, graphile);
        if (plan.Has("postgres", "drain")) await DrainAsync(plan, folder, report, cluster, graphile);
        if (plan.Has("postgres", "pickup")) await PickUpAsync(plan, folder, report, cluster, graphile);
    }

    private static async Task AcceptAsync(Plan plan, string folder, Report report, PostgresCluster cluster, QueuePeer? graphile)
    {
        report.Section("PostgreSQL: durable acceptance", "Each caller waits until its job is on disk. The limits: one statement of one table for all who wait; what Headway writes, by Headway's own SQL, without Headway. Goals: 0.35 of one table, 0.7 of the same rows.",
            "callers | limit: one table/s | limit: same rows/s | graphile-worker/s | Headway/s | of one table | of same rows | of graphile-worker | p50 | p99 | CPU µs here (same rows)");
        foreach (var callers in plan.Callers)
        {
            var measured = await plan.InTurnAsync(
                duration => LimitAsync(PostgresLimit.OneTable, "job", cluster.NewDatabase(), callers, duration, report),
                duration => SameRowsAsync(cluster.NewDatabase(), callers, duration, report),
                duration => QueuePeer.RunAsync(graphile, "accept", cluster.NewDatabase(), callers, duration),
                duration => Acceptance.EngineAsync(folder, cluster.NewDatabase(), callers, duration, report));
            var (one, same, peer, engine) = (measured[0], measured[1], measured[2], measured[3]);
            report.Row($"{callers}", Report.Number(one.PerSecond), Report.Number(same.PerSecond), QueuePeer.Rate(peer), Report.Number(engine.PerSecond), Report.Ratio(engine.PerSecond / one.PerSecond),
                Report.Ratio(engine.PerSecond / same.PerSecond), QueuePeer.Of(engine, peer), Report.Time(engine.P50), Report.Time(engine.P99), $"{engine.CpuMicroseconds:0.0} ({same.CpuMicroseconds:0.0})");
        }
    }

    private static async Task DrainAsync(Plan plan, string folder, Report report, PostgresCluster cluster, QueuePeer? graphile)
    {
        report.Section("PostgreSQL: claim to finish", $"A backlog of {Drain.Backlog:#,0} no-op jobs. The limit claims 200 at a time and finishes them in the transaction that claims the next, by Headway's own SQL. Goal: faster than graphile-worker.",
            "jobs | limit: same rows/s | graphile-worker/s | Headway/s | of same rows | of graphile-worker | CPU µs here (same rows)");
        var measured = await plan.InTurnAsync(
            _ => DrainRowsAsync(cluster.NewDatabase(), report),
            duration => QueuePeer.RunAsync(graphile, "drain", cluster.NewDatabase(), Drain.Backlog, duration),
            _ => Drain.EngineAsync(folder, cluster.NewDatabase(), report));
        var (same, peer, engine) = (measured[0], measured[1], measured[2]);
        report.Row($"{Drain.Backlog:#,0}", Report.Number(same.PerSecond), QueuePeer.Rate(peer), Report.Number(engine.PerSecond), Report.Ratio(engine.PerSecond / same.PerSecond), QueuePeer.Of(engine, peer), $"{engine.CpuMicroseconds:0.0} ({same.CpuMicroseconds:0.0})");
    }

    private static async Task<Measured> DrainRowsAsync(string address, Report report)
    {
        await using var rows = await PostgresRows.OpenAsync(address);
        for (var i = 0; i < Drain.Backlog; i += Together) await rows.AcceptAsync(Together);
        using var process = Process.GetCurrentProcess();
        var (start, cpu) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
        var drained = await rows.DrainAsync();
        var elapsed = Stopwatch.GetElapsedTime(start);
        process.Refresh();
        report.Verify("PostgreSQL limit drain", drained, PostgresLimit.Count(address, "SELECT count(*) FROM jobs WHERE state = 5"));
        return new Measured(drained, elapsed, process.TotalProcessorTime - cpu, default, default);
    }

    private static async Task PickUpAsync(Plan plan, string folder, Report report, PostgresCluster cluster, QueuePeer? graphile)
    {
        report.Section("PostgreSQL: call to start", "One caller on an idle node, from the call until the handler has begun. Goals: p50 1.2 ms, p99 4 ms.", "| p50 | p99 | calls");
        var measured = await plan.InTurnAsync(
            duration => QueuePeer.RunAsync(graphile, "pickup", cluster.NewDatabase(), 1, duration),
            duration => Pickup.EngineAsync(folder, cluster.NewDatabase(), duration, report));
        report.Row("graphile-worker", Report.Time(measured[0].P50), Report.Time(measured[0].P99), Report.Number(measured[0].Calls));
        report.Row("Headway", Report.Time(measured[1].P50), Report.Time(measured[1].P99), Report.Number(measured[1].Calls));
    }

    private static async Task<Measured> SameRowsAsync(string address, int callers, TimeSpan duration, Report report)
    {
        var limit = await PostgresLimit.SameRowsAsync(address);
        return await LimitAsync(_ => limit, "jobs", address, callers, duration, report);
    }

    private static async Task<Measured> LimitAsync(Func<string, PostgresLimit> open, string table, string address, int callers, TimeSpan duration, Report report)
    {
        Measured measured;
        await using (var limit = open(address)) measured = await Load.CallersAsync(callers, duration, limit.InsertAsync);
        report.Verify($"PostgreSQL limit at {callers} callers", measured.Calls, PostgresLimit.Count(address, $"SELECT count(*) FROM {table}"));
        return measured;
    }
}

using Headway.Bench.Limits;
using Headway.Tests.Storage;

namespace Headway.Bench.Queue;

/// <summary>Acceptance, drain and pickup on PostgreSQL with its default durability, beside the limit and graphile-worker, each on a database of its own.</summary>
internal static class PostgresQueue
{
    public static async Task MeasureAsync(Plan plan, string folder, Report report)
    {
        using var cluster = PostgresCluster.Start(durable: true);
        var graphile = await QueuePeer.Graphile.InstallAsync(folder, report);
        await AcceptAsync(plan, folder, report, cluster, graphile);
        await DrainAsync(plan, folder, report, cluster, graphile);
        await PickUpAsync(plan, folder, report, cluster, graphile);
    }

    private static async Task AcceptAsync(Plan plan, string folder, Report report, PostgresCluster cluster, QueuePeer? graphile)
    {
        report.Section("PostgreSQL: durable acceptance", "Each caller waits until its job is on disk. The limit: one table, one statement for all who wait. Goal: 0.35 of it.",
            "callers | limit: one table/s | graphile-worker/s | Headway/s | of the limit | of graphile-worker | p50 | p99 | CPU µs here");
        foreach (var callers in Plan.Callers)
        {
            var measured = await plan.InTurnAsync(
                duration => LimitAsync(cluster.NewDatabase(), callers, duration, report),
                duration => QueuePeer.RunAsync(graphile, "accept", cluster.NewDatabase(), callers, duration),
                duration => Acceptance.EngineAsync(folder, cluster.NewDatabase(), callers, duration, report));
            var (limit, peer, engine) = (measured[0], measured[1], measured[2]);
            report.Row($"{callers}", Report.Number(limit.PerSecond), QueuePeer.Rate(peer), Report.Number(engine.PerSecond), Report.Ratio(engine.PerSecond / limit.PerSecond), QueuePeer.Of(engine, peer),
                Report.Time(engine.P50), Report.Time(engine.P99), $"{engine.CpuMicroseconds:0.0} ({limit.CpuMicroseconds:0.0})");
        }
    }

    private static async Task DrainAsync(Plan plan, string folder, Report report, PostgresCluster cluster, QueuePeer? graphile)
    {
        report.Section("PostgreSQL: claim to finish", $"A backlog of {Drain.Backlog:#,0} no-op jobs. Goal: faster than graphile-worker.", "jobs | graphile-worker/s | Headway/s | of graphile-worker | CPU µs here");
        var measured = await plan.InTurnAsync(
            duration => QueuePeer.RunAsync(graphile, "drain", cluster.NewDatabase(), Drain.Backlog, duration),
            _ => Drain.EngineAsync(folder, cluster.NewDatabase(), report));
        report.Row($"{Drain.Backlog:#,0}", QueuePeer.Rate(measured[0]), Report.Number(measured[1].PerSecond), QueuePeer.Of(measured[1], measured[0]), $"{measured[1].CpuMicroseconds:0.0}");
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

    private static async Task<Measured> LimitAsync(string address, int callers, TimeSpan duration, Report report)
    {
        Measured measured;
        await using (var limit = new PostgresLimit(address)) measured = await Load.CallersAsync(callers, duration, limit.InsertAsync);
        report.Verify($"PostgreSQL limit at {callers} callers", measured.Calls, PostgresLimit.Count(address, "SELECT count(*) FROM job"));
        return measured;
    }
}

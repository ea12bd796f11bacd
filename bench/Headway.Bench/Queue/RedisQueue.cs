using Headway.Tests.Storage;

namespace Headway.Bench.Queue;

/// <summary>
/// Acceptance, drain and pickup of BullMQ beside Headway on PostgreSQL: with the durability that Redis usually has, which may lose what the last second accepted,
/// and with the one that Headway has.
/// </summary>
internal static class RedisQueue
{
    public static async Task MeasureAsync(Plan plan, string folder, Report report)
    {
        var peer = await QueuePeer.BullMq.InstallAsync(folder, report);
        using var usual = RedisServer.Start(folder, "everysec");
        using var always = RedisServer.Start(folder, "always");
        if (usual is null) report.Note("There is no redis-server: the figures of BullMQ are missing.");
        using var cluster = PostgresCluster.Start(durable: true);
        var subjects = new Subjects(peer, usual, always);

        report.Section("BullMQ: acceptance", "Each caller waits until its job is accepted. `always`: until it is on disk, as with Headway on PostgreSQL. `everysec`: until it is in memory; a machine that is lost takes up to a second of them with it.",
            "callers | BullMQ everysec/s | BullMQ always/s | Headway/s | of everysec | of always | p50 everysec | p50 always | p50 Headway");
        foreach (var callers in plan.Callers)
        {
            var (quick, durable, engine) = await InTurnAsync(plan, subjects, "accept", callers, duration => Acceptance.EngineAsync(folder, cluster.NewDatabase(), callers, duration, report));
            report.Row([$"{callers}", .. Rates(quick, durable, engine), Report.Time(quick.P50), Report.Time(durable.P50), Report.Time(engine.P50)]);
        }

        report.Section("BullMQ: claim to finish", $"A backlog of {Drain.Backlog:#,0} no-op jobs, 256 at once.", "jobs | BullMQ everysec/s | BullMQ always/s | Headway/s | of everysec | of always");
        var drained = await InTurnAsync(plan, subjects, "drain", Drain.Backlog, _ => Drain.EngineAsync(folder, cluster.NewDatabase(), report));
        report.Row([$"{Drain.Backlog:#,0}", .. Rates(drained.Usual, drained.Always, drained.Engine)]);

        report.Section("BullMQ: call to start", "One caller on an idle worker, from the call until the work has begun.", "| p50 | p99 | calls");
        var picked = await InTurnAsync(plan, subjects, "pickup", 1, duration => Pickup.EngineAsync(folder, cluster.NewDatabase(), duration, report));
        foreach (var (name, measured) in new[] { ("BullMQ everysec", picked.Usual), ("BullMQ always", picked.Always), ("Headway", picked.Engine) })
            report.Row(name, Report.Time(measured.P50), Report.Time(measured.P99), Report.Number(measured.Calls));
    }

    private sealed record Subjects(QueuePeer? Peer, RedisServer? Usual, RedisServer? Always);

    private static async Task<(Measured Usual, Measured Always, Measured Engine)> InTurnAsync(Plan plan, Subjects subjects, string what, int number, Func<TimeSpan, Task<Measured>> engine)
    {
        var measured = await plan.InTurnAsync(
            duration => QueuePeer.RunAsync(subjects.Peer, what, subjects.Usual?.NewDatabase(), number, duration),
            duration => QueuePeer.RunAsync(subjects.Peer, what, subjects.Always?.NewDatabase(), number, duration),
            engine);
        return (measured[0], measured[1], measured[2]);
    }

    private static string[] Rates(Measured quick, Measured durable, Measured engine) =>
        [QueuePeer.Rate(quick), QueuePeer.Rate(durable), Report.Number(engine.PerSecond), QueuePeer.Of(engine, quick), QueuePeer.Of(engine, durable)];
}

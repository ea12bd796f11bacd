using Headway.Bench;
using Headway.Bench.Gateways;
using Headway.Bench.Queue;
using Headway.Bench.Wire;
using Headway.Bench.Workflows;
using Headway.Storage.Sqlite;
using Headway.Tests.Storage;
using Microsoft.Extensions.Logging.Abstractions;

// dotnet run -c Release --project bench/Headway.Bench -- [acceptance] [bulk] [drain] [concurrency] [pickup] [aged] [postgres | postgres-acceptance | postgres-drain | postgres-pickup] [statements] [redis] [workflows] [sync] [keys] [trust] [stream] [gateway] [slow] [--callers 1,64,256] [--history 1000000] [--disk MILLISECONDS] [--seconds 3] [--rounds 3] [--out FILE]
if (args is ["serve-upstream"])
{
    await Upstream.ServeAsync();
    return 0;
}
if (args is ["serve-forwarder", var behind])
{
    await Forwarder.ServeAsync(new Uri(behind));
    return 0;
}

var plan = Plan.Parse(args);
if (await SlowDisk.RunAsync(plan, args) is { } ended) return ended;
var folder = Directory.CreateTempSubdirectory("headway-bench-");
SqliteLibrary.Load(NullLogger.Instance);
var report = new Report(plan, SqliteLibrary.Version);
try
{
    if (plan.Has("acceptance")) await Acceptance.MeasureAsync(plan, folder.FullName, report);
    if (plan.Has("acceptance") || plan.Has("bulk")) await Acceptance.MeasureBulkAsync(plan, folder.FullName, "SQLite", () => null, report);
    if (plan.Has("drain")) await Drain.MeasureAsync(plan, folder.FullName, report);
    if (plan.Has("concurrency")) await Drain.MeasureConcurrencyAsync(folder.FullName, report);
    if (plan.Has("pickup")) await Pickup.MeasureAsync(plan, folder.FullName, report);
    if (plan.Has("aged")) await Aged.MeasureAsync(plan, folder.FullName, report);
    if (plan.HasAny("postgres")) await PostgresQueue.MeasureAsync(plan, folder.FullName, report);
    if (plan.Has("statements")) await Statements.MeasureAsync(plan, folder.FullName, report);
    if (plan.Has("redis")) await RedisQueue.MeasureAsync(plan, folder.FullName, report);
    if (plan.Has("workflows"))
    {
        await TenSteps.MeasureAsync(plan, folder.FullName, report);
        await Asleep.MeasureAsync(folder.FullName, report);
    }
    if (plan.Has("postgres") || plan.Has("bulk"))
    {
        using var cluster = PostgresCluster.Start(durable: true);
        await Acceptance.MeasureBulkAsync(plan, folder.FullName, "PostgreSQL", cluster.NewDatabase, report);
    }
    if (plan.Has("sync")) await SyncCalls.MeasureAsync(plan, folder.FullName, report);
    if (plan.Has("keys")) await SyncCalls.MeasureKeyAsync(plan, folder.FullName, report);
    if (plan.Has("trust")) await Trust.MeasureAsync(plan, folder.FullName, report);
    if (plan.Has("stream")) await Streams.MeasureAsync(plan, folder.FullName, report);
    if (plan.Has("gateway") || plan.Has("slow"))
    {
        await using var peers = await Peers.StartAsync(folder.FullName, report);
        if (plan.Has("gateway")) await Gateway.MeasureAsync(plan, folder.FullName, report, peers);
        if (plan.Has("slow")) await SlowStreams.MeasureAsync(plan, folder.FullName, report, peers);
    }
}
finally
{
    folder.Delete(recursive: true);
}

var text = report.ToMarkdown();
Console.WriteLine(text);
if (plan.Out is { } file) File.WriteAllText(file, text);
return report.IsVoid ? 1 : 0;

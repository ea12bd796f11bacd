using Headway.Bench;
using Headway.Bench.Gateways;
using Headway.Bench.Queue;
using Headway.Bench.Wire;
using Headway.Storage.Sqlite;
using Microsoft.Extensions.Logging.Abstractions;

// dotnet run -c Release --project bench/Headway.Bench -- [acceptance] [drain] [pickup] [sync] [stream] [gateway] [--seconds 3] [--rounds 3] [--out FILE]
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
var folder = Directory.CreateTempSubdirectory("headway-bench-");
SqliteLibrary.Load(NullLogger.Instance);
var report = new Report(plan, SqliteLibrary.Version);
try
{
    if (plan.Has("acceptance")) await Acceptance.MeasureAsync(plan, folder.FullName, report);
    if (plan.Has("drain")) await Drain.MeasureAsync(plan, folder.FullName, report);
    if (plan.Has("pickup")) await Pickup.MeasureAsync(plan, folder.FullName, report);
    if (plan.Has("sync")) await SyncCalls.MeasureAsync(plan, folder.FullName, report);
    if (plan.Has("stream")) await Streams.MeasureAsync(plan, folder.FullName, report);
    if (plan.Has("gateway")) await Gateway.MeasureAsync(plan, folder.FullName, report);
}
finally
{
    folder.Delete(recursive: true);
}

var text = report.ToMarkdown();
Console.WriteLine(text);
if (plan.Out is { } file) File.WriteAllText(file, text);
return report.IsVoid ? 1 : 0;

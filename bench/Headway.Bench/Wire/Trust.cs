using System.Diagnostics;
using Headway.Access;
using Headway.Bench.Limits;
using Headway.Handlers.Code;
using Headway.Payloads;
using Headway.Storage;
using Microsoft.Extensions.Logging.Abstractions;

namespace Headway.Bench.Wire;

/// <summary>What audit and encryption add to a durable acceptance and to a sync call.</summary>
/// <remarks>Neither can be switched off. Without audit: the database leaves out every event that it is told, so nothing is chained or signed either. Without encryption: what is sealed and opened is timed by itself, in the same run, and taken off.</remarks>
internal static class Trust
{
    private const int Callers = 64;
    private static readonly int[] Connections = [16, 64, 256];
    private const int Seals = 20_000;

    private const string NoEvents = "CREATE TRIGGER audit_events_none BEFORE INSERT ON audit_events BEGIN SELECT RAISE(IGNORE); END";

    private const string Features = """
        features:
          held:
            contract: { mode: async, caller: leaves, deliverWithin: 1h }
            handler: code
            timeout: 10m
            pool: { concurrency: 1, queued: 100000000 }
        """;

    public static async Task MeasureAsync(Plan plan, string folder, Report report)
    {
        report.Section("Cost of audit, encryption and phi", "SQLite. Goal: a call with phi data, whose audit event is on disk before its handler begins, at least 0.6 of the same call without.",
            "| without/s | with/s | of without | CPU µs without | CPU µs with | times");
        await AcceptAsync(plan, folder, report);
        await CallAsync(plan, folder, report);
        await SealAsync(folder, report);
    }

    private static async Task AcceptAsync(Plan plan, string folder, Report report)
    {
        var measured = await plan.InTurnAsync(duration => AcceptAsync(folder, duration, NoEvents, report), duration => AcceptAsync(folder, duration, null, report));
        Row(report, $"audit: acceptance, {Callers} callers", measured[0], measured[1]);
    }

    private static async Task<Measured> AcceptAsync(string folder, TimeSpan duration, string? change, Report report)
    {
        var file = Path.Combine(folder, $"trust-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}.db");
        await ChangeAsync(file, change);
        var code = new CodeHandlers();
        code.Add<object, string>("held", async (_, _, stop) =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
            return "";
        });
        Measured measured;
        await using (var node = await Node.StartAsync(folder, code, Features, $"sqlite:{file}"))
        {
            var feature = node.Feature("held");
            measured = await Load.CallersAsync(Callers, duration, () => node.AcceptAsync(feature));
        }
        using var database = new LimitDatabase(file, "");
        report.Verify("acceptance", measured.Calls, database.Count("SELECT count(*) FROM jobs"));
        report.Verify("its events", change is null ? measured.Calls : 0, database.Count("SELECT count(*) FROM audit_events WHERE action = 'submitted'"));
        return measured;
    }

    private static async Task CallAsync(Plan plan, string folder, Report report)
    {
        await using var upstream = await Hosts.UpstreamAsync();
        var (silent, told) = (Path.Combine(folder, "silent"), Path.Combine(folder, "told"));
        Directory.CreateDirectory(silent);
        await ChangeAsync(Hosts.DatabaseOf(silent), NoEvents);
        await using var without = await Hosts.HeadwayAsync(silent, Hosts.AddressOf(upstream));
        await using var with = await Hosts.HeadwayAsync(told, Hosts.AddressOf(upstream));
        foreach (var connections in Connections)
        {
            var measured = await plan.InTurnAsync(
                duration => SyncCalls.CallAsync(connections, duration, Hosts.AddressOf(without), "/v1/features/relay", 200),
                duration => SyncCalls.CallAsync(connections, duration, Hosts.AddressOf(with), "/v1/features/relay", 200),
                duration => SyncCalls.CallAsync(connections, duration, Hosts.AddressOf(with), "/v1/features/guarded", 200));
            Row(report, $"audit: sync call, {connections} connections", measured[0], measured[1]);
            Row(report, $"phi: sync call, {connections} connections", measured[1], measured[2]);
        }
        await without.StopAsync();
        await with.StopAsync();
    }

    // The input sealed when it is accepted, opened when it is run, and the result sealed at its end.
    private static async Task SealAsync(string folder, Report report)
    {
        await using var database = Database.Open($"sqlite:{Path.Combine(folder, "seals.db")}", TimeProvider.System, NullLogger.Instance);
        var vault = await Vault.OpenAsync(database, new MasterKeySource(Convert.ToBase64String(new byte[32]), Path.Combine(folder, "seals.key"), false), NullLogger.Instance);
        var key = await vault.KeyAsync(Caller.Local.Tenant, null, CancellationToken.None);
        var (job, result) = (JobId.New(TimeProvider.System.GetUtcNow()), new byte[1_024]);
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < Seals; i++)
        {
            var input = key.Seal(PayloadKind.Input, job, Node.Input);
            vault.Open(Caller.Local.Tenant, PayloadKind.Input, job, input);
            key.Seal(PayloadKind.Result, job, result);
        }
        report.Note($"Encryption: the input of {Node.Input.Length} bytes sealed and opened and a result of 1 KB sealed take {Stopwatch.GetElapsedTime(start).TotalMicroseconds / Seals:0.0} µs of one processor together.");
    }

    // The tables must be there before anything about them can be changed.
    private static async Task ChangeAsync(string file, string? change)
    {
        await Database.Open($"sqlite:{file}", TimeProvider.System, NullLogger.Instance).DisposeAsync();
        if (change is null) return;
        using var database = new LimitDatabase(file, change);
    }

    private static void Row(Report report, string what, Measured without, Measured with) =>
        report.Row(what, Report.Number(without.PerSecond), Report.Number(with.PerSecond), Report.Ratio(with.PerSecond / without.PerSecond), $"{without.CpuMicroseconds:0.0}", $"{with.CpuMicroseconds:0.0}", Report.Ratio(with.CpuMicroseconds / without.CpuMicroseconds));
}

using System.Diagnostics;
using Headway.Bench.Limits;
using Headway.Handlers.Code;

namespace Headway.Bench.Queue;

/// <summary>From the call to the first line of the handler, on an idle node: one caller, who waits until its job has begun before the next call.</summary>
internal static class Pickup
{
    private const string Features = """
        features:
          ping:
            contract: { mode: async, caller: leaves, deliverWithin: 1h }
            handler: code
            retry: { attempts: 2, backoff: 1s..1m }
        """;

    public static async Task MeasureAsync(Plan plan, string folder, Report report)
    {
        report.Section("Call to start", "One caller on an idle node, from the call until the handler has begun: acceptance, wake-up, claim. The limit: two transactions one after the other on one thread. Goals: p50 0.8 ms, p99 2 ms.",
            "| p50 | p99 | calls");
        var measured = await plan.InTurnAsync(duration => LimitAsync(folder, duration), duration => EngineAsync(folder, null, duration, report));
        report.Row("limit: two transactions", Report.Time(measured[0].P50), Report.Time(measured[0].P99), Report.Number(measured[0].Calls));
        report.Row("Headway", Report.Time(measured[1].P50), Report.Time(measured[1].P99), Report.Number(measured[1].Calls));
    }

    private static async Task<Measured> LimitAsync(string folder, TimeSpan duration)
    {
        using var database = new LimitDatabase(Path.Combine(folder, $"pickup-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}.db"), LimitRows.OneTableSchema);
        var claim = database.Prepare("UPDATE job SET body = x'00' WHERE id = last_insert_rowid()");
        await using var writer = new LimitWriter(database, LimitRows.OneTable(database));
        await using var claimer = new LimitWriter(database, (open, _) => open.Step(claim));
        return await Load.CallersAsync(1, duration, async () =>
        {
            await writer.InsertAsync(Node.Input);
            await claimer.InsertAsync(Node.Input);
        });
    }

    /// <param name="server">The address of a database of PostgreSQL; null: a file.</param>
    public static async Task<Measured> EngineAsync(string folder, string? server, TimeSpan duration, Report report)
    {
        var begun = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
        var code = new CodeHandlers();
        code.Add<object, string>("ping", (_, _, _) =>
        {
            begun.SetResult(Stopwatch.GetTimestamp());
            return Task.FromResult("");
        });
        await using var node = await Node.StartAsync(folder, code, Features, server);
        var feature = node.Feature("ping");
        var ticks = new List<long>();
        var measured = await Load.CallersAsync(1, duration, async () =>
        {
            begun = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            var called = Stopwatch.GetTimestamp();
            await node.AcceptAsync(feature);
            ticks.Add(await begun.Task - called);
        });
        report.Verify("pickup", measured.Calls, await node.CountAsync("SELECT count(*) FROM audit_events WHERE action = 'started'"));
        var sorted = ticks.Order().ToArray();
        return measured with { P50 = Load.At(sorted, 0.50), P99 = Load.At(sorted, 0.99) };
    }
}

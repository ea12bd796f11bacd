using System.Diagnostics;
using Headway.Bench.Limits;
using Headway.Handlers.Code;

namespace Headway.Bench.Queue;

/// <summary>From claim to finish of jobs that do nothing: a backlog is accepted while the handler is held, then let go and timed to its end.</summary>
internal static class Drain
{
    public const int Backlog = 40_000;

    private const string Features = """
        features:
          noop:
            contract: { mode: async, caller: leaves, deliverWithin: 1h }
            handler: code
            timeout: 10m
            retry: { attempts: 2, backoff: 1s..1m }
            pool: { concurrency: 256, queued: 100000000 }
        """;

    public static async Task MeasureAsync(Plan plan, string folder, Report report)
    {
        report.Section("Claim to finish", $"A backlog of {Backlog:#,0} no-op jobs. The limit claims 100 at a time and finishes them in the next transaction, by Headway's own SQL.",
            "jobs | limit: same rows/s | Headway/s | of same rows | CPU µs (limit)");
        var measured = await plan.InTurnAsync(_ => Task.FromResult(Limit(folder, report)), _ => EngineAsync(folder, null, report));
        report.Row($"{Backlog:#,0}", Report.Number(measured[0].PerSecond), Report.Number(measured[1].PerSecond), Report.Ratio(measured[1].PerSecond / measured[0].PerSecond),
            $"{measured[1].CpuMicroseconds:0.0} ({measured[0].CpuMicroseconds:0.0})");
    }

    /// <param name="server">The address of a database of PostgreSQL; null: a file.</param>
    public static async Task<Measured> EngineAsync(string folder, string? server, Report report)
    {
        var (gate, left, done) = (new TaskCompletionSource(), Backlog, new TaskCompletionSource());
        var code = new CodeHandlers();
        code.Add<object, string>("noop", async (_, _, _) =>
        {
            await gate.Task;
            if (Interlocked.Decrement(ref left) == 0) done.SetResult();
            return "done";
        });
        await using var node = await Node.StartAsync(folder, code, Features, server);
        var feature = node.Feature("noop");
        await Parallel.ForAsync(0, Backlog, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (_, _) => await node.AcceptAsync(feature));

        using var process = Process.GetCurrentProcess();
        var (start, cpu) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
        gate.SetResult();
        await done.Task;
        var elapsed = Stopwatch.GetElapsedTime(start);
        process.Refresh();
        var measured = new Measured(Backlog, elapsed, process.TotalProcessorTime - cpu, default, default);
        // Stopping waits for the last writes; they belong to the count, and are a handful of the whole.
        report.Verify("Headway drain", Backlog, await node.CountAsync("SELECT min((SELECT count(*) FROM jobs WHERE state = 5), (SELECT count(*) FROM audit_events WHERE action = 'completed'))"));
        return measured;
    }

    private static Measured Limit(string folder, Report report)
    {
        using var database = new LimitDatabase(Path.Combine(folder, $"drain-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}.db"), LimitRows.EngineSchema());
        var insert = LimitRows.SameRows(database);
        database.Step(database.Begin);
        for (var i = 0; i < Backlog; i++) insert(database, Node.Input);
        database.Step(database.Commit);
        database.Checkpoint();

        using var process = Process.GetCurrentProcess();
        var (start, cpu) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
        var drained = new LimitDrain(database).Run();
        var elapsed = Stopwatch.GetElapsedTime(start);
        process.Refresh();
        report.Verify("limit drain", drained, database.Count("SELECT count(*) FROM jobs WHERE state = 5"));
        return new Measured(drained, elapsed, process.TotalProcessorTime - cpu, default, default);
    }
}

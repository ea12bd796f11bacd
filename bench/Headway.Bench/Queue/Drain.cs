using System.Diagnostics;
using Headway.Bench.Limits;
using Headway.Handlers.Code;
using Headway.Tests.Storage;

namespace Headway.Bench.Queue;

/// <summary>From claim to finish of jobs that do nothing: a backlog is accepted while the handler is held, then let go and timed to its end.</summary>
internal static class Drain
{
    public const int Backlog = 40_000;

    // What keeps a node busy for about a second or two, whatever runs at once.
    private static readonly (int Concurrency, int Jobs)[] Steps = [(1, 2_000), (8, 10_000), (64, 20_000), (256, Backlog), (512, Backlog)];

    private static string Features(int concurrency) => $$"""
        features:
          noop:
            contract: { mode: async, caller: leaves, deliverWithin: 1h }
            handler: code
            timeout: 10m
            retry: { attempts: 2, backoff: 1s..1m }
            pool: { concurrency: {{concurrency}}, queued: 100000000 }
        """;

    public static async Task MeasureAsync(Plan plan, string folder, Report report)
    {
        report.Section("Claim to finish", $"A backlog of {Backlog:#,0} no-op jobs. The limit claims 100 at a time and finishes them in the next transaction, by Headway's own SQL.",
            "jobs | limit: same rows/s | Headway/s | of same rows | CPU µs (limit)");
        var measured = await plan.InTurnAsync(_ => Task.FromResult(Limit(folder, report)), _ => EngineAsync(folder, null, report));
        report.Row($"{Backlog:#,0}", Report.Number(measured[0].PerSecond), Report.Number(measured[1].PerSecond), Report.Ratio(measured[1].PerSecond / measured[0].PerSecond),
            $"{measured[1].CpuMicroseconds:0.0} ({measured[0].CpuMicroseconds:0.0})");
    }

    public static async Task MeasureConcurrencyAsync(string folder, Report report)
    {
        report.Section("Claim to finish against concurrency", "No-op jobs, so many of which run at once.", "at once | SQLite jobs/s | PostgreSQL jobs/s | CPU µs a job, SQLite | PostgreSQL");
        using var cluster = PostgresCluster.Start(durable: true);
        foreach (var (concurrency, jobs) in Steps)
        {
            var file = await EngineAsync(folder, null, report, concurrency, jobs);
            var server = await EngineAsync(folder, cluster.NewDatabase(), report, concurrency, jobs);
            report.Row($"{concurrency}", Report.Number(file.PerSecond), Report.Number(server.PerSecond), $"{file.CpuMicroseconds:0.0}", $"{server.CpuMicroseconds:0.0}");
        }
    }

    /// <param name="server">The address of a database of PostgreSQL; null: a file.</param>
    /// <param name="begins">Called when the backlog is there and nothing of it has been let go.</param>
    /// <param name="ended">Called when the last job has.</param>
    public static async Task<Measured> EngineAsync(string folder, string? server, Report report, int concurrency = 256, int backlog = Backlog, Action? begins = null, Action? ended = null)
    {
        var (gate, left, done) = (new TaskCompletionSource(), backlog, new TaskCompletionSource());
        var code = new CodeHandlers();
        code.Add<object, string>("noop", async (_, _, _) =>
        {
            await gate.Task;
            if (Interlocked.Decrement(ref left) == 0) done.SetResult();
            return "done";
        });
        await using var node = await Node.StartAsync(folder, code, Features(concurrency), server);
        var feature = node.Feature("noop");
        await Parallel.ForAsync(0, backlog, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (_, _) => await node.AcceptAsync(feature));

        begins?.Invoke();
        using var process = Process.GetCurrentProcess();
        var (start, cpu) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
        gate.SetResult();
        await done.Task;
        var elapsed = Stopwatch.GetElapsedTime(start);
        process.Refresh();
        var measured = new Measured(backlog, elapsed, process.TotalProcessorTime - cpu, default, default);
        ended?.Invoke();
        // Stopping waits for the last writes; they belong to the count, and are a handful of the whole.
        report.Verify("Headway drain", backlog, await node.CountAsync("SELECT min((SELECT count(*) FROM jobs WHERE state = 5), (SELECT count(*) FROM audit_events WHERE action = 'completed'))"));
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

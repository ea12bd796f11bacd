using System.Diagnostics;
using Headway.Handlers.Code;
using Headway.Tests.Storage;
using Npgsql;

namespace Headway.Bench.Queue;

/// <summary>The same queue on an empty database, on one with a long history and many jobs that nobody comes for, and there while a foreign transaction keeps everything that dies from being swept up.</summary>
internal static class Aged
{
    private const int Stuck = 100_000;
    private const int Drained = 20_000;
    private const int Together = 500;

    private const string Features = """
        features:
          noop:
            contract: { mode: async, caller: leaves, deliverWithin: 1h }
            handler: code
            pool: { concurrency: 256, queued: 100000000 }
          ping:
            contract: { mode: async, caller: leaves, deliverWithin: 1h }
            handler: code
          held:
            contract: { mode: async, caller: leaves, deliverWithin: 1h }
            handler: code
            timeout: 10h
            pool: { concurrency: 1, queued: 100000000 }
          stuck:
            contract: { mode: async, caller: leaves, deliverWithin: 1h }
            handler: code
            timeout: 10h
            pool: { concurrency: 1, queued: 100000000 }
        """;

    private readonly record struct Figures(Measured Acceptance, Measured Drain, Measured Pickup);

    public static async Task MeasureAsync(Plan plan, string folder, Report report)
    {
        await MeasureAsync(plan, folder, "SQLite", () => $"sqlite:{Path.Combine(folder, $"aged-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}.db")}", report);
        // Tests keep the server from sweeping in between; what is aged in life is swept.
        using var cluster = PostgresCluster.Start(durable: true, "autovacuum_naptime = 5s");
        await MeasureAsync(plan, folder, "PostgreSQL", cluster.NewDatabase, report);
    }

    private static async Task MeasureAsync(Plan plan, string folder, string where, Func<string> database, Report report)
    {
        report.Section($"{where}: an aged queue", $"{plan.History:#,0} finished jobs and {Stuck:#,0} that nobody comes for; then the same while a foreign transaction is held open. 64 callers; a backlog of {Drained:#,0}. Goals: within 20 %, within 2 times.",
            "| empty | aged | of empty | transaction held open | of empty");
        var old = database();
        await FillAsync(folder, old, plan.History);
        var (empty, aged, pinned) = (new List<Figures>(), new List<Figures>(), new List<Figures>());
        for (var round = 0; round < plan.Rounds; round++)
        {
            empty.Add(await OnceAsync(folder, database(), plan.Duration));
            aged.Add(await OnceAsync(folder, old, plan.Duration));
            await using var open = where is "PostgreSQL" ? PostgresCluster.Connect(old) : null;
            if (open is null) continue;
            await using var transaction = await open.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
            await using (var look = new NpgsqlCommand("SELECT count(*) FROM leases", open, transaction)) await look.ExecuteScalarAsync();
            pinned.Add(await OnceAsync(folder, old, plan.Duration));
        }
        Row("acceptance/s", figures => figures.Acceptance.PerSecond);
        Row("claim to finish/s", figures => figures.Drain.PerSecond);
        Row("call to start p50, ms", figures => figures.Pickup.P50.TotalMilliseconds);
        Row("call to start p99, ms", figures => figures.Pickup.P99.TotalMilliseconds);

        void Row(string what, Func<Figures, double> figure)
        {
            var (one, two, three) = (Median(empty), Median(aged), pinned.Count == 0 ? (double?)null : Median(pinned));
            report.Row(what, Report.Number(one), Report.Number(two), Report.Ratio(two / one), Report.Number(three), Report.Ratio(three / one));

            double Median(List<Figures> all) => all.Select(figure).Order().ElementAt(all.Count / 2);
        }
    }

    /// <summary>By the engine itself, so that every table is as it would be.</summary>
    private static async Task FillAsync(string folder, string address, int history)
    {
        var (done, ended) = (0, new TaskCompletionSource());
        await using var node = await Node.StartAsync(folder, Code(_ =>
        {
            if (Interlocked.Increment(ref done) == history) ended.SetResult();
            return Task.CompletedTask;
        }), Features, address);
        await SubmitAsync(node, "noop", history);
        await ended.Task;
        await SubmitAsync(node, "stuck", Stuck);
    }

    private static Task SubmitAsync(Node node, string feature, int count) => Parallel.ForAsync(0, count / Together, new ParallelOptions { MaxDegreeOfParallelism = 4 },
        async (_, _) => await node.AcceptAsync(node.Feature(feature), Together));

    private static async Task<Figures> OnceAsync(string folder, string address, TimeSpan duration)
    {
        var (gate, left, done) = (new TaskCompletionSource(), Drained, new TaskCompletionSource());
        var begun = new TaskCompletionSource<long>();
        await using var node = await Node.StartAsync(folder, Code(
            async _ =>
            {
                await gate.Task;
                if (Interlocked.Decrement(ref left) == 0) done.SetResult();
            },
            () => begun.SetResult(Stopwatch.GetTimestamp())), Features, address);
        var ticks = new List<long>();
        var pickup = await Load.CallersAsync(1, duration, async () =>
        {
            begun = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            var called = Stopwatch.GetTimestamp();
            await node.AcceptAsync(node.Feature("ping"));
            ticks.Add(await begun.Task - called);
        });
        var sorted = ticks.Order().ToArray();
        var acceptance = await Load.CallersAsync(64, duration, () => node.AcceptAsync(node.Feature("held")));
        await SubmitAsync(node, "noop", Drained);
        var start = Stopwatch.GetTimestamp();
        gate.SetResult();
        await done.Task;
        return new Figures(acceptance, new Measured(Drained, Stopwatch.GetElapsedTime(start), default, default, default), pickup with { P50 = Load.At(sorted, 0.50), P99 = Load.At(sorted, 0.99) });
    }

    private static CodeHandlers Code(Func<object, Task> noop, Action? ping = null)
    {
        var code = new CodeHandlers();
        code.Add<object, string>("noop", async (input, _, _) =>
        {
            await noop(input);
            return "done";
        });
        code.Add<object, string>("ping", (_, _, _) =>
        {
            ping?.Invoke();
            return Task.FromResult("");
        });
        foreach (var feature in new[] { "held", "stuck" })
        {
            code.Add<object, string>(feature, async (_, _, stop) =>
            {
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
                return "";
            });
        }
        return code;
    }
}

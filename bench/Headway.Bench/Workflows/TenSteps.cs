using Headway.Access;
using Headway.Bench.Limits;
using Headway.Bench.Queue;
using Headway.Handlers;
using Headway.Handlers.Code;
using Headway.Jobs.Accepting;
using Headway.Tests.Storage;
using Headway.Workflows;

namespace Headway.Bench.Workflows;

/// <summary>Workflows of ten steps that do nothing, each step durable before the next: from the call to its answer.</summary>
internal static class TenSteps
{
    private const int Steps = 10;
    private static readonly int[] Callers = [1, 32, 256];

    private const string Features = """
        features:
          ten:
            contract: { mode: hybrid, wait: 30s, caller: waits, deliverWithin: 1h }
            handler: code
            pool: { concurrency: 512, queued: 1000000 }
        """;

    public static async Task MeasureAsync(Plan plan, string folder, Report report)
    {
        var restate = await QueuePeer.Restate.InstallAsync(folder, report);
        report.Section("Workflows of 10 steps, SQLite", "From the call to its answer. The limit: twelve durable rows one after the other. Goals: p50 2 ms at one caller; at 32 ten times Restate.",
            "callers | limit: steps/s | Restate: steps/s | Headway: steps/s | of the limit | of Restate | p50 | p99 | Restate p50 | CPU µs a step");
        foreach (var callers in Callers)
        {
            var measured = await plan.InTurnAsync(
                duration => LimitAsync(folder, callers, duration),
                duration => QueuePeer.RunAsync(restate, "ten", "", callers, duration),
                duration => EngineAsync(folder, null, callers, duration, report));
            Tell(report, callers, measured);
        }
        await OnPostgresAsync(plan, folder, report);
    }

    private static async Task OnPostgresAsync(Plan plan, string folder, Report report)
    {
        using var cluster = PostgresCluster.Start(durable: true);
        var dbos = await QueuePeer.Dbos.InstallAsync(folder, report);
        report.Section("Workflows of 10 steps, PostgreSQL", "The same. Goals: p50 3 ms at one caller; at 32 ten times DBOS.",
            "callers | limit: steps/s | DBOS: steps/s | Headway: steps/s | of the limit | of DBOS | p50 | p99 | DBOS p50 | CPU µs a step");
        foreach (var callers in Callers)
        {
            var measured = await plan.InTurnAsync(
                duration => LimitOnPostgresAsync(cluster.NewDatabase(), callers, duration),
                duration => QueuePeer.RunAsync(dbos, "ten", cluster.NewDatabase(), callers, duration),
                duration => EngineAsync(folder, cluster.NewDatabase(), callers, duration, report));
            Tell(report, callers, measured);
        }
    }

    private static void Tell(Report report, int callers, Measured[] measured)
    {
        var (limit, peer, engine) = (measured[0], measured[1], measured[2]);
        report.Row($"{callers}", Report.Number(limit.PerSecond * Steps), peer.Calls == 0 ? "" : Report.Number(peer.PerSecond * Steps), Report.Number(engine.PerSecond * Steps),
            Report.Ratio(engine.PerSecond / limit.PerSecond), QueuePeer.Of(engine, peer), Report.Time(engine.P50), Report.Time(engine.P99),
            peer.Calls == 0 ? "" : Report.Time(peer.P50), $"{engine.CpuMicroseconds / Steps:0.0}");
    }

    private static async Task<Measured> EngineAsync(string folder, string? server, int callers, TimeSpan duration, Report report)
    {
        var flows = new WorkflowCode();
        flows.Add<object, int>("ten", () => (new Ten(), null));
        var node = await Node.StartAsync(folder, new CodeHandlers(), Features, server, flows);
        var call = new Call { Feature = node.Feature("ten"), Caller = Caller.Local, Input = new JobInput { MediaType = Result.Json, Json = Node.Input } };
        var measured = await Load.CallersAsync(callers, duration, async () =>
        {
            if (await node.Engine.CallAsync(call, CancellationToken.None) is not Answer.Done) throw new InvalidOperationException("It is not done.");
        });
        report.Verify($"workflows at {callers} callers", measured.Calls * Steps, await node.CountAsync("SELECT count(*) FROM journal"));
        return measured;
    }

    private static async Task<Measured> LimitAsync(string folder, int callers, TimeSpan duration)
    {
        using var database = new LimitDatabase(Path.Combine(folder, $"ten-{Guid.CreateVersion7(TimeProvider.System.GetUtcNow()):N}.db"), LimitRows.OneTableSchema);
        await using var writer = new LimitWriter(database, LimitRows.OneTable(database));
        // Acceptance and end, too.
        return await Load.CallersAsync(callers, duration, async () =>
        {
            for (var row = 0; row < Steps + 2; row++) await writer.InsertAsync(Node.Input);
        });
    }

    private static async Task<Measured> LimitOnPostgresAsync(string address, int callers, TimeSpan duration)
    {
        await using var limit = PostgresLimit.OneTable(address);
        return await Load.CallersAsync(callers, duration, async () =>
        {
            for (var row = 0; row < Steps + 2; row++) await limit.InsertAsync();
        });
    }

    private sealed class Ten : Workflow<object, int>
    {
        protected override async Task<int> RunAsync(object input, WorkflowContext flow)
        {
            var sum = 0;
            for (var step = 0; step < Steps; step++)
            {
                var number = step;
                sum += await flow.Step("step", _ => Task.FromResult(number));
            }
            return sum;
        }
    }
}

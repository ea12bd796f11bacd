using System.Diagnostics;
using Headway.Access;
using Headway.Handlers;
using Headway.Handlers.Code;
using Headway.Jobs.Accepting;
using Headway.Workflows;

namespace Headway.Bench.Workflows;

/// <summary>Many workflows that wait for a signal: what they hold in memory, and how long it takes until all of them have gone on.</summary>
internal static class Asleep
{
    private const int Many = 10_000;

    private const string Features = """
        features:
          sleeper:
            contract: { mode: async, caller: leaves, deliverWithin: 30d }
            handler: code
            pool: { concurrency: 256, queued: 1000000 }
        """;

    public static async Task MeasureAsync(string folder, Report report)
    {
        report.Section($"{Many:#,0} workflows that wait", "Managed memory that they hold, and the time from the first signal to the last end. Goals: 30 MB, 2 s.", "workflows | memory | signalled in | all ended after");
        var flows = new WorkflowCode();
        flows.Add<object, bool>("sleeper", () => (new Sleeper(), null));
        var node = await Node.StartAsync(folder, new CodeHandlers(), Features, null, flows);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var call = new Call { Feature = node.Feature("sleeper"), Caller = Caller.Local, Input = new JobInput { MediaType = Result.Json, Json = Node.Input } };
        var jobs = new JobId[Many];
        await Parallel.ForAsync(0, Many, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (number, _) => jobs[number] = ((Answer.Accepted)await node.Engine.CallAsync(call, CancellationToken.None)).Job.Id);
        while (await CountAsync(node, "SELECT count(*) FROM queue WHERE state = 3") < Many) await Task.Yield();
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;

        var began = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, Many, new ParallelOptions { MaxDegreeOfParallelism = 64 }, async (number, _) => await node.Engine.SignalAsync(Caller.Local, jobs[number], "go", "true"u8.ToArray(), null, CancellationToken.None));
        var signalled = Stopwatch.GetElapsedTime(began);
        while (await CountAsync(node, "SELECT count(*) FROM queue") > 0) await Task.Yield();
        var ended = Stopwatch.GetElapsedTime(began);
        report.Verify("workflows that waited", Many, await node.CountAsync("SELECT count(*) FROM jobs WHERE state = 5"));
        report.Row($"{Many:#,0}", $"{held / 1_000_000.0:0.0} MB", Report.Time(signalled), Report.Time(ended));
    }

    private static ValueTask<long> CountAsync(Node node, string sql) => node.Engine.Database.ReadAsync(async session =>
    {
        using var read = session.Prepare(sql);
        await read.StepAsync();
        return read.Int64(0);
    });

    private sealed class Sleeper : Workflow<object, bool>
    {
        protected override Task<bool> RunAsync(object input, WorkflowContext flow) => flow.Signal<bool>("go");
    }
}

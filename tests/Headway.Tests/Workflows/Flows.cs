using System.Collections.Concurrent;
using Headway.Access;
using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Tests.Jobs;
using Headway.Workflows;

namespace Headway.Tests.Workflows;

/// <summary>A node whose feature `flow` is a workflow given as a delegate, and what its steps did.</summary>
internal static class Flows
{
    public const string Features = """
        defaults: { retry: { attempts: 3, backoff: 10ms..20ms, bug: { attempts: 3, backoff: 10ms..20ms } } }
        features:
          flow:   { contract: { mode: async, caller: leaves, deliverWithin: 30d }, handler: code }
          child:  { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retry: { attempts: 1, bug: { attempts: 1, backoff: 10ms..20ms } } }
          inline: { contract: { mode: sync, caller: waits, acceptableWait: 5s }, handler: code, fallback: none }
        """;

    public static Task<Node> StartAsync<TIn, TOut>(Func<TIn, WorkflowContext, Task<TOut>> run, Action<CodeHandlers>? code = null, TimeProvider? time = null, string features = Features) =>
        Node.StartAsync(features, code ?? Children, time, workflows: flows => flows.Add("flow", run));

    public static void Add<TIn, TOut>(this WorkflowCode flows, string feature, Func<TIn, WorkflowContext, Task<TOut>> run, int version = 1) => flows.Add<TIn, TOut>(feature, () => (new Flow<TIn, TOut>(run), null), version);

    /// <summary>`child` doubles, and takes as long as it is told; a negative one fails.</summary>
    public static void Children(CodeHandlers code)
    {
        code.Add<Order, int>("child", async (order, _, stop) =>
        {
            if (order.Takes > 0) await Task.Delay(order.Takes, stop);
            return order.Number < 0 ? throw new InvalidOperationException("It is negative.") : order.Number * 2;
        });
        code.Add<Order, int>("inline", (order, _, _) => Task.FromResult(order.Number));
    }

    /// <summary>Waits until the job waits for something with this code.</summary>
    public static async Task<Job> WaitsForAsync(this Node node, JobId id, string code)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (true)
        {
            var job = (await node.Engine.FindAsync(Caller.Local, id))!;
            if (job.State is JobState.Waiting && job.WaitingFor!.Code == code) return job;
            if (job.IsFinished) throw new InvalidOperationException($"It is {job.State}: {job.Error?.Code} {job.Error?.Message}");
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    public static async Task<string[]> StepsOfAsync(this Node node, JobId id) =>
        [.. (await node.Engine.StepsAsync(Caller.Local, id, 0, 1_000))!.Steps.Select(step => $"{step.Kind} {step.Name}{(step.Occurrence > 1 ? $"#{step.Occurrence}" : "")} {step.State}")];

    public static Task SignalAsync(this Node node, JobId id, string name, string json = "null", string? key = null) =>
        node.Engine.SignalAsync(Caller.Local, id, name, System.Text.Encoding.UTF8.GetBytes(json), key, CancellationToken.None);

    private sealed class Flow<TIn, TOut>(Func<TIn, WorkflowContext, Task<TOut>> run) : Workflow<TIn, TOut>
    {
        protected override Task<TOut> RunAsync(TIn input, WorkflowContext flow) => run(input, flow);
    }
}

internal sealed record Order(int Number = 0, int Takes = 0);

/// <summary>What steps did to the world, as often as they did it.</summary>
internal sealed class Effects
{
    private readonly ConcurrentQueue<string> _done = new();

    public string[] Done => [.. _done];

    public T Do<T>(string what, T result)
    {
        _done.Enqueue(what);
        return result;
    }
}

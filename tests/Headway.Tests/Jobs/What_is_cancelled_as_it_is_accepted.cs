using System.Runtime.CompilerServices;
using Headway.Access;
using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;

namespace Headway.Tests.Jobs;

/// <summary>A job that its own write claims is known to other nodes a moment before the node that accepted it goes on with it.</summary>
public sealed class What_is_cancelled_as_it_is_accepted : IAsyncLifetime
{
    private const string Features = """
        features:
          hybrid: { contract: { mode: hybrid, caller: waits, wait: 1s, deliverWithin: 1m }, handler: code, timeout: 5m, pool: { concurrency: 1 } }
          stream: { contract: { mode: stream, caller: waits, resumeFor: 5m }, handler: code, timeout: 5m, pool: { concurrency: 1 } }
          sync:   { contract: { mode: sync, caller: waits }, handler: code, fallback: none, timeout: 5m, pool: { concurrency: 1 } }
        """;

    private static readonly NodeDuty Api = new() { Worker = false };

    private readonly ManyNodes _nodes = new(Features);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private OneNode _node = null!;
    private OneNode _other = null!;

    public async ValueTask InitializeAsync()
    {
        // A lease whose beat does not come: nothing else would stop what runs and is held by nobody.
        _node = await _nodes.StartAsync(Code, lease: TimeSpan.FromHours(1));
        _other = await _nodes.StartAsync(Code, Api);
        await _node.HearsAsync();
        await _other.HearsAsync();
    }

    private static void Code(CodeHandlers code)
    {
        code.Add<Order, Order>("hybrid", WorkAsync);
        code.Add<Order, string>("stream", TokensAsync);
        code.Add<Order, Order>("sync", WorkAsync);
    }

    private static async Task<Order> WorkAsync(Order order, FeatureContext feature, CancellationToken stop)
    {
        if (order.Id == "held") await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop);
        return order;
    }

    private static async IAsyncEnumerable<string> TokensAsync(Order order, FeatureContext feature, [EnumeratorCancellation] CancellationToken stop)
    {
        yield return (await WorkAsync(order, feature, stop)).Id;
    }

    [Theory]
    [InlineData("hybrid")]
    [InlineData("stream")]
    [InlineData("sync")]
    public async Task Stops_and_frees_its_slot(string feature)
    {
        _node.Fault = boundary =>
        {
            if (boundary == "AcceptJob:after-commit") CancelElsewhereAsync().GetAwaiter().GetResult();
        };
        var held = _node.Engine.CallAsync(_node.Call(feature, """{"id":"held"}""") with { IdempotencyKey = "a" }, CancellationToken.None);
        await _cancelled.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);

        // The only slot is free again.
        var next = _node.Engine.CallAsync(_node.Call(feature, """{"id":"next"}""") with { IdempotencyKey = "b" }, CancellationToken.None);
        await _node.EndOfAsync(JobOf(await next.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken)));
        if (feature == "sync") (await held).ShouldBeOfType<Answer.Abandoned>();
        else await held;
    }

    // Ends when the node that accepts has heard of it.
    private async Task CancelElsewhereAsync()
    {
        _node.Fault = null;
        var id = await _other.Engine.Database.ReadAsync(async session =>
        {
            using var read = session.Prepare("SELECT job FROM queue");
            (await read.StepAsync()).ShouldBeTrue();
            return read.JobId(0);
        });
        var heard = _node.Engine.WaitAsync(Caller.Local, id, TimeSpan.FromSeconds(20), CancellationToken.None);
        await _other.Engine.CancelAsync(Caller.Local, id, CancellationToken.None);
        (await heard)!.State.ShouldBe(JobState.Cancelled);
        _cancelled.SetResult();
    }

    private static JobId JobOf(Answer answer) => answer switch
    {
        Answer.Accepted accepted => accepted.Job.Id,
        Answer.Streaming streaming => streaming.Job.Id,
        Answer.Done done => done.Job.Id,
        _ => throw new InvalidOperationException(answer.ToString()),
    };

    public ValueTask DisposeAsync() => _nodes.DisposeAsync();
}

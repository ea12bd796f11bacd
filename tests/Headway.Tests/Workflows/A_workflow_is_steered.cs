using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Waiting;
using Headway.Tests.Jobs;
using Headway.Upstream;

namespace Headway.Tests.Workflows;

public sealed class A_workflow_is_steered
{
    [Fact]
    public async Task Cancelled_while_it_waits_it_undoes_what_it_did_the_last_first()
    {
        var effects = new Effects();
        await using var node = await BookingAsync(effects, then: flow => flow.Signal<bool>("paid"));
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");

        (await node.Engine.CancelAsync(Caller.Local, id, CancellationToken.None))!.IsFinished.ShouldBeFalse();

        var ended = await node.EndOfAsync(id);
        (ended.State, ended.Error!.Code).ShouldBe((JobState.Cancelled, "cancelled"));
        effects.Done.ShouldBe(["flight", "hotel", "no hotel", "no flight"]);
        (await node.StepsOfAsync(id)).ShouldBe(["step flight succeeded", "step hotel succeeded", "undo undo hotel succeeded", "undo undo flight succeeded"]);
        (await node.AuditOfAsync(id)).ShouldBe(["submitted", "started", "cancelling", "started", "cancelled"]);
        // Final, and asked again it is the same.
        (await node.Engine.CancelAsync(Caller.Local, id, CancellationToken.None))!.State.ShouldBe(JobState.Cancelled);
    }

    [Fact]
    public async Task Cancelled_while_a_step_runs_it_stops_the_step_and_undoes_the_others()
    {
        var effects = new Effects();
        var runs = new TaskCompletionSource();
        var stopped = new TaskCompletionSource();
        await using var node = await BookingAsync(effects, then: flow => flow.Step("long", async stop =>
        {
            runs.TrySetResult();
            await using var told = stop.Register(() => stopped.TrySetResult());
            await Task.Delay(Timeout.InfiniteTimeSpan, stop);
            return true;
        }));
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await runs.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await node.Engine.CancelAsync(Caller.Local, id, CancellationToken.None);

        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Cancelled);
        await stopped.Task.WaitAsync(TimeSpan.FromSeconds(30));
        effects.Done.ShouldBe(["flight", "hotel", "no hotel", "no flight"]);
    }

    [Fact]
    public async Task Cancelled_with_nothing_to_undo_it_ends_at_once_when_it_waits()
    {
        await using var node = await Flows.StartAsync<Order, bool>(async (_, flow) => await flow.Signal<bool>("word"));
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");

        (await node.Engine.CancelAsync(Caller.Local, id, CancellationToken.None))!.State.ShouldBe(JobState.Cancelled);
        (await node.AuditOfAsync(id)).ShouldBe(["submitted", "started", "cancelled"]);
        node.Number("SELECT count(*) FROM queue").ShouldBe(0);
    }

    [Fact]
    public async Task Cancelled_it_goes_on_undoing_after_its_node_died_and_does_nothing_twice()
    {
        var effects = new Effects();
        var refused = 0;
        await using var node = await Flows.StartAsync<Order, bool>(async (_, flow) =>
        {
            await flow.Step("one", _ => Task.FromResult(effects.Do("one", 1)));
            flow.OnFailure("one", _ => Task.FromResult(effects.Do("no one", 1)));
            await flow.Step("two", _ => Task.FromResult(effects.Do("two", 2)));
            // The first try fails, and the pause after it is longer than what is waited for in place.
            flow.OnFailure("two", _ => Interlocked.Increment(ref refused) == 1 ? throw new InvalidOperationException("Not now.") : Task.FromResult(effects.Do("no two", 2)));
            return await flow.Signal<bool>("never");
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");

        await node.Engine.CancelAsync(Caller.Local, id, CancellationToken.None);
        await node.RestartAsync();

        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Cancelled);
        effects.Done.ShouldBe(["one", "two", "no two", "no one"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Cancelled_it_undoes_all_though_an_undoing_takes_several_tries_and_it_sleeps_between(bool failsByItself)
    {
        var effects = new Effects();
        var tries = 0;
        await using var node = await Flows.StartAsync<Order, bool>(async (_, flow) =>
        {
            await flow.Step("one", _ => Task.CompletedTask);
            flow.OnFailure("one", _ => Interlocked.Increment(ref tries) < 3 ? throw new InvalidOperationException("Not now.") : Task.FromResult(effects.Do("no one", 1)));
            return failsByItself ? throw new WorkflowFailedException("no", "It says no.") : await flow.Signal<bool>("never");
        }, features: Slow);
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, failsByItself ? "step-backoff" : "signal");

        // While its only undoing is under way, too: that must not count as nothing.
        await node.Engine.CancelAsync(Caller.Local, id, CancellationToken.None);
        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Cancelled);

        (tries, effects.Done.Length).ShouldBe((3, 1));
        node.Number("SELECT count(*) FROM waits").ShouldBe(0);
    }

    [Fact]
    public async Task Cancelled_it_stays_so_though_it_dies_before_all_is_undone()
    {
        var effects = new Effects();
        await using var node = await BookingAsync(effects, then: flow => flow.Signal<bool>("paid"));
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");
        await node.Engine.PauseAsync(Caller.Local, id);

        // Cancelled, and met by code that does not fit.
        await node.RestartAsync(flows => flows.Add<Order, bool>("flow", async (_, flow) => await flow.Step("other", _ => Task.FromResult(true))));
        await node.Engine.CancelAsync(Caller.Local, id, CancellationToken.None);
        (await node.EndOfAsync(id)).Error!.Code.ShouldBe("mismatch");
        effects.Done.ShouldBe(["flight", "hotel"]);

        await node.RestartAsync(flows => flows.Add<Order, bool>("flow", (_, flow) => BookAsync(effects, flow, paid => paid.Signal<bool>("paid"))));
        await node.Engine.ReplayAsync(Caller.Local, id);
        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Cancelled);
        effects.Done.ShouldBe(["flight", "hotel", "no hotel", "no flight"]);
    }

    [Fact]
    public async Task Cancelled_it_undoes_only_when_what_ran_has_stopped()
    {
        var effects = new Effects();
        var runs = new TaskCompletionSource();
        await using var node = await Flows.StartAsync<Order, bool>(async (_, flow) =>
        {
            flow.OnFailure("refund", _ => Task.FromResult(effects.Do("refund", 1)));
            await flow.Step("charge", async stop =>
            {
                runs.TrySetResult();
                try
                {
                    await Task.Delay(Timeout.InfiniteTimeSpan, stop);
                }
                finally
                {
                    // It takes a moment to stop.
                    using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
                    await timer.WaitForNextTickAsync(CancellationToken.None);
                    effects.Do("charged or not", 1);
                }
            });
            return true;
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await runs.Task.WaitAsync(TimeSpan.FromSeconds(30));

        await node.Engine.CancelAsync(Caller.Local, id, CancellationToken.None);

        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Cancelled);
        effects.Done.ShouldBe(["charged or not", "refund"]);
    }

    [Fact]
    public async Task What_it_started_and_did_not_await_is_started_once_however_long_it_undoes()
    {
        var tries = 0;
        await using var node = await Flows.StartAsync<Order, bool>((order, flow) =>
        {
            _ = flow.Start("child", new Order(1));
            flow.OnFailure("one", _ => Interlocked.Increment(ref tries) < 3 ? throw new InvalidOperationException("Not now.") : Task.CompletedTask);
            throw new WorkflowFailedException("no", "It says no.");
        }, features: Slow);
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;

        (await node.EndOfAsync(id)).Error!.Code.ShouldBe("no");

        tries.ShouldBe(3);
        node.Number("SELECT count(*) FROM jobs").ShouldBe(2);
    }

    [Fact]
    public async Task Terminated_it_ends_at_once_and_undoes_nothing()
    {
        var effects = new Effects();
        await using var node = await BookingAsync(effects, then: flow => flow.Signal<bool>("paid"));
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");

        (await node.Engine.CancelAsync(Caller.Local, id, CancellationToken.None, atOnce: true))!.State.ShouldBe(JobState.Cancelled);

        effects.Done.ShouldBe(["flight", "hotel"]);
        (await node.AuditOfAsync(id)).ShouldBe(["submitted", "started", "cancelled"]);
    }

    [Fact]
    public async Task Paused_while_it_waits_it_goes_on_only_when_it_is_resumed()
    {
        await using var node = await Flows.StartAsync<Order, string>(async (_, flow) => await flow.Signal<string>("word"));
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");

        (await node.Engine.PauseAsync(Caller.Local, id))!.Value.Verdict.ShouldBe(Paused.Done);
        await node.SignalAsync(id, "word", "\"hello\"");
        var paused = (await node.Engine.FindAsync(Caller.Local, id))!;
        (paused.State, paused.WaitingFor!.Code).ShouldBe((JobState.Paused, "paused"));
        (await node.Engine.PauseAsync(Caller.Local, id))!.Value.Verdict.ShouldBe(Paused.Already);
        await node.RestartAsync();
        (await node.Engine.FindAsync(Caller.Local, id))!.State.ShouldBe(JobState.Paused);

        (await node.Engine.ResumeAsync(Caller.Local, id))!.Value.Verdict.ShouldBe(Resumed.Queued);

        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        (await node.ResultOfAsync(id)).ShouldBe("hello");
        (await node.Engine.ResumeAsync(Caller.Local, id))!.Value.Verdict.ShouldBe(Resumed.Over);
        (await node.AuditOfAsync(id)).ShouldBe(["submitted", "started", "paused", "signalled", "resumed", "started", "completed", "delivered"]);
    }

    [Fact]
    public async Task Paused_while_a_step_runs_it_ends_the_step_and_begins_no_other()
    {
        var effects = new Effects();
        var (runs, may) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var node = await Flows.StartAsync<Order, int>(async (_, flow) =>
        {
            await flow.Step("one", async _ =>
            {
                runs.TrySetResult();
                await may.Task;
                return effects.Do("one", 1);
            });
            return await flow.Step("two", _ => Task.FromResult(effects.Do("two", 2)));
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await runs.Task.WaitAsync(TimeSpan.FromSeconds(30));

        (await node.Engine.PauseAsync(Caller.Local, id))!.Value.Verdict.ShouldBe(Paused.Asked);
        may.SetResult();
        await StateAsync(node, id, JobState.Paused);
        effects.Done.ShouldBe(["one"]);

        await node.Engine.ResumeAsync(Caller.Local, id);
        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        effects.Done.ShouldBe(["one", "two"]);
    }

    [Fact]
    public async Task Paused_it_can_be_cancelled_and_undoes_what_it_did()
    {
        var effects = new Effects();
        await using var node = await BookingAsync(effects, then: flow => flow.Signal<bool>("paid"));
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");
        await node.Engine.PauseAsync(Caller.Local, id);

        await node.Engine.CancelAsync(Caller.Local, id, CancellationToken.None);

        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Cancelled);
        effects.Done.ShouldBe(["flight", "hotel", "no hotel", "no flight"]);
    }

    [Fact]
    public async Task What_is_no_workflow_is_paused_too_but_not_while_it_runs_and_takes_no_signal()
    {
        var may = new TaskCompletionSource();
        var runs = new TaskCompletionSource();
        await using var node = await Flows.StartAsync<Order, int>((_, _) => Task.FromResult(1), code =>
        {
            Flows.Children(code);
            code.Add<Order, int>("slow", async (order, _, _) =>
            {
                runs.TrySetResult();
                await may.Task;
                return order.Number;
            });
        }, features: Flows.Features + "\n  slow: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, pool: { concurrency: 1 } }\n");
        var first = (await node.AcceptedAsync(node.Call("slow"))).Id;
        await runs.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var second = (await node.AcceptedAsync(node.Call("slow"))).Id;

        (await node.Engine.PauseAsync(Caller.Local, first))!.Value.Verdict.ShouldBe(Paused.Busy);
        (await node.Engine.PauseAsync(Caller.Local, second))!.Value.Verdict.ShouldBe(Paused.Done);
        (await node.Engine.SignalAsync(Caller.Local, second, "word", "1"u8.ToArray(), null, CancellationToken.None)).ShouldBe(Signalled.NoWorkflow);
        may.SetResult();
        await node.EndOfAsync(first);
        (await node.Engine.FindAsync(Caller.Local, second))!.State.ShouldBe(JobState.Paused);
        await node.Engine.ResumeAsync(Caller.Local, second);
        (await node.EndOfAsync(second)).State.ShouldBe(JobState.Succeeded);
    }

    // A failed step is tried again after longer than is waited for in place.
    private static readonly string Slow = Flows.Features.Replace("backoff: 10ms..20ms", "backoff: 1500ms..1500ms", StringComparison.Ordinal);

    private static Task<Node> BookingAsync(Effects effects, Func<WorkflowContext, Task<bool>> then) => Flows.StartAsync<Order, bool>((_, flow) => BookAsync(effects, flow, then));

    private static async Task<bool> BookAsync(Effects effects, WorkflowContext flow, Func<WorkflowContext, Task<bool>> then)
    {
        await flow.Step("flight", _ => Task.FromResult(effects.Do("flight", 1)));
        flow.OnFailure("flight", _ => Task.FromResult(effects.Do("no flight", 1)));
        await flow.Step("hotel", _ => Task.FromResult(effects.Do("hotel", 2)));
        flow.OnFailure("hotel", _ => Task.FromResult(effects.Do("no hotel", 2)));
        return await then(flow);
    }

    private static async Task StateAsync(Node node, JobId id, JobState state)
    {
        await Until.IsSoAsync(async () => (await node.Engine.FindAsync(Caller.Local, id))!.State == state);
    }
}

using Headway.Jobs;

namespace Headway.Tests.Workflows;

public sealed class A_workflow_goes_on_where_it_was
{
    private readonly Effects _effects = new();

    private Task<int> Count(WorkflowContext flow, string name, int number) => flow.Step(name, _ => Task.FromResult(_effects.Do(name, number)));

    [Fact]
    public async Task Its_steps_are_done_once_and_kept()
    {
        await using var node = await Flows.StartAsync<Order, int>(async (order, flow) => await Count(flow, "a", order.Number) + await Count(flow, "b", 2) + await Count(flow, "b", 3));

        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("flow", """{"number":1}"""))).Id);

        job.State.ShouldBe(JobState.Succeeded, job.Error?.Message);
        (await node.ResultOfAsync(job.Id)).ShouldBe("6");
        _effects.Done.ShouldBe(["a", "b", "b"]);
        (await node.StepsOfAsync(job.Id)).ShouldBe(["step a succeeded", "step b succeeded", "step b#2 succeeded"]);
        job.Attempt.ShouldBe(1);
    }

    [Fact]
    public async Task After_a_kill_at_any_step()
    {
        const int Steps = 5;
        for (var killed = 1; killed <= Steps; killed++)
        {
            var effects = new Effects();
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var held = new TaskCompletionSource();
            var at = killed;
            Func<Order, WorkflowContext, Task<int>> run = async (_, flow) =>
            {
                var sum = 0;
                for (var number = 1; number <= Steps; number++)
                {
                    var step = number;
                    sum += await flow.Step("count", async _ =>
                    {
                        if (step == at && reached.TrySetResult()) await held.Task;
                        return effects.Do($"{step}", step);
                    });
                }
                return sum;
            };
            await using var node = await Flows.StartAsync(run);
            var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
            await reached.Task.WaitAsync(TimeSpan.FromSeconds(20));

            await using var next = await node.AfterKillAsync(Flows.Children, flows => flows.Add("flow", run));
            var job = await next.EndOfAsync(id);

            (await next.ResultOfAsync(id)).ShouldBe("15");
            effects.Done.ShouldBe(["1", "2", "3", "4", "5"]);
            job.Attempt.ShouldBe(2);
            // What the dead one comes to afterwards is nobody's.
            held.SetResult();
        }
    }

    [Fact]
    public async Task After_an_orderly_stop_while_a_step_runs()
    {
        var begun = new SemaphoreSlim(0);
        await using var node = await Flows.StartAsync<Order, int>(async (_, flow) =>
        {
            var first = await Count(flow, "first", 1);
            return first + await flow.Step("long", async stop =>
            {
                begun.Release();
                if (_effects.Done.Length > 1) return 2;
                _effects.Do("long", 0);
                await Task.Delay(Timeout.Infinite, stop);
                return 2;
            });
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await begun.WaitAsync(TimeSpan.FromSeconds(20));

        await node.RestartAsync();

        await node.EndOfAsync(id);
        (await node.ResultOfAsync(id)).ShouldBe("3");
        _effects.Done.ShouldBe(["first", "long"]);
    }

    [Fact]
    public async Task And_is_told_of_a_step_that_failed_for_good_each_time()
    {
        var told = 0;
        await using var node = await Flows.StartAsync<Order, string>(async (_, flow) =>
        {
            try
            {
                return await flow.Step<string>("breaks", _ =>
                {
                    _effects.Do("breaks", 0);
                    throw new InvalidOperationException("Broken.");
                });
            }
            catch (WorkflowFailedException failed)
            {
                Interlocked.Increment(ref told);
                await flow.Signal<bool>("go");
                return $"{failed.Code}: {failed.Message}";
            }
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");
        _effects.Done.Length.ShouldBe(3);

        await node.SignalAsync(id, "go", "true");

        await node.EndOfAsync(id);
        (await node.ResultOfAsync(id)).ShouldBe("handler-exception: Step breaks failed for good: InvalidOperationException: Broken.");
        (told, _effects.Done.Length).ShouldBe((2, 3));
    }

    [Fact]
    public async Task Tries_that_failed_are_counted_over_its_nodes()
    {
        await using var node = await Flows.StartAsync<Order, string>((_, flow) => flow.Step<string>("breaks", _ => throw new InvalidOperationException(_effects.Do("breaks", "")),
            new StepOptions { Attempts = 3, FirstPause = TimeSpan.FromSeconds(1.5), LongestPause = TimeSpan.FromSeconds(1.5) }));
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "step-backoff");

        await node.RestartAsync();

        var job = await node.EndOfAsync(id);
        (job.State, job.Error!.Code).ShouldBe((JobState.Dead, "handler-exception"));
        _effects.Done.Length.ShouldBe(3);
    }

    [Fact]
    public async Task Time_chance_and_ids_are_the_same_again()
    {
        var seen = new List<string>();
        await using var node = await Flows.StartAsync<Order, string>(async (_, flow) =>
        {
            var before = $"{flow.Now:O} {flow.NewId()} {flow.Random.Next()}";
            await Count(flow, "a", 1);
            var after = $"{flow.Now:O} {flow.NewId()} {flow.Random.Next()}";
            seen.Add(before + after);
            after.ShouldNotBe(before);
            await flow.Signal<bool>("go");
            return "";
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");

        await node.SignalAsync(id, "go", "true");

        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        seen.Count.ShouldBe(2);
        seen[1].ShouldBe(seen[0]);
    }
}

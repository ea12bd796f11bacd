using Headway.Access;
using Headway.Jobs;
using Headway.Tests.Jobs;

namespace Headway.Tests.Workflows;

public sealed class A_workflow_that_goes_wrong
{
    private readonly Effects _effects = new();

    private static async Task<Job> DeadAsync<TOut>(Func<Order, WorkflowContext, Task<TOut>> run)
    {
        await using var node = await Flows.StartAsync(run);
        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("flow"))).Id);
        job.State.ShouldBe(JobState.Dead);
        return job;
    }

    [Fact]
    public async Task By_its_own_word() =>
        (await DeadAsync<int>((_, _) => throw new WorkflowFailedException("contract-rejected", "Legal said no."))).Error!.Code.ShouldBe("contract-rejected");

    [Fact]
    public async Task Undoes_what_it_did_the_last_first()
    {
        var job = await DeadAsync<int>(async (_, flow) =>
        {
            foreach (var name in new[] { "hotel", "flight" })
            {
                await flow.Step(name, _ => Task.FromResult(_effects.Do(name, 0)));
                flow.OnFailure(name, _ => Task.FromResult(_effects.Do("undo " + name, 0)));
            }
            throw new WorkflowFailedException("no-car", "There is no car.");
        });
        job.Error!.Code.ShouldBe("no-car");
        _effects.Done.ShouldBe(["hotel", "flight", "undo flight", "undo hotel"]);
    }

    [Fact]
    public async Task With_two_steps_of_one_name_at_once()
    {
#pragma warning disable HW0008 // What it is about.
        var job = await DeadAsync<int[]>(async (_, flow) => await Task.WhenAll(flow.Step("same", _ => Task.FromResult(1)), flow.Step("same", _ => Task.FromResult(2))));
#pragma warning restore HW0008
        job.Error!.Code.ShouldBe("step-name-in-use");
        job.Error.Message.ShouldContain("Two steps named same");
    }

    [Fact]
    public async Task From_outside_its_turn()
    {
        var job = await DeadAsync<int>(async (_, flow) =>
        {
#pragma warning disable HW0004 // What it is about.
            await flow.Step("a", _ => Task.CompletedTask).ConfigureAwait(false);
#pragma warning restore HW0004
            return await flow.Step("b", _ => Task.FromResult(1));
        });
        job.Error!.Code.ShouldBe("workflow-outside");
        job.Error.Message.ShouldContain("ConfigureAwait(false)");
    }

    [Fact]
    public async Task With_a_result_that_cannot_be_kept()
    {
        var job = await DeadAsync<int>(async (_, flow) =>
        {
            await flow.Step("stream", _ => Task.FromResult<Action>(() => { }));
            return 1;
        });
        job.Error!.Code.ShouldBe("step-result-unserialisable");
        job.Error.Message.ShouldContain("step stream");
    }

    [Fact]
    public async Task With_code_that_is_another_than_began_it()
    {
        await using var node = await Flows.StartAsync<Order, int>(async (_, flow) =>
        {
            await flow.Step("split", _ => Task.CompletedTask);
            await flow.Signal<bool>("go");
            return 1;
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");

        await node.RestartAsync(flows => flows.Add<Order, int>("flow", async (_, flow) =>
        {
            await flow.Step("cut", _ => Task.CompletedTask);
            await flow.Signal<bool>("go");
            return 1;
        }));
        await node.SignalAsync(id, "go", "true");

        var job = await node.EndOfAsync(id);
        (job.State, job.Error!.Code).ShouldBe((JobState.Dead, "mismatch"));
        job.Error.Message.ShouldContain("Expected, by line 1 of its journal: step split. Found: step cut.");

        // The code that began it goes on where it was.
        await node.RestartAsync(flows => flows.Add<Order, int>("flow", async (_, flow) =>
        {
            await flow.Step("split", _ => Task.FromException(new InvalidOperationException("Done again.")));
            await flow.Signal<bool>("go");
            return 1;
        }));
        await node.Engine.ReplayAsync(Caller.Local, id);
        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task With_children_that_are_asked_something_else()
    {
        await using var node = await Flows.StartAsync<Order, int>(async (_, flow) =>
        {
            await flow.Call<int>("child", new Order(1));
            await flow.Signal<bool>("go");
            return 1;
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");

        await node.RestartAsync(flows => flows.Add<Order, int>("flow", async (_, flow) =>
        {
            await flow.Call<int>("child", new Order(2));
            await flow.Signal<bool>("go");
            return 1;
        }));
        await node.SignalAsync(id, "go", "true");

        (await node.EndOfAsync(id)).Error!.Message.ShouldContain("with another input");
    }

    [Fact]
    public async Task And_a_change_that_it_goes_by()
    {
        var old = 0;
        await using var node = await Flows.StartAsync<Order, string>(async (_, flow) =>
        {
            await flow.Step("a", _ => Task.CompletedTask);
            await flow.Step("b", _ => Task.CompletedTask);
            await flow.Signal<bool>("go");
            return "old";
        });
        var began = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(began, "signal");

        await node.RestartAsync(flows => flows.Add<Order, string>("flow", async (_, flow) =>
        {
            await flow.Step("a", _ => Task.CompletedTask);
            var patched = flow.Patched("check");
            if (patched) await flow.Step("check", _ => Task.CompletedTask);
            else Interlocked.Increment(ref old);
            await flow.Step("b", _ => Task.CompletedTask);
            await flow.Signal<bool>("go");
            return patched ? "new" : "old";
        }));
        var begins = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(begins, "signal");
        foreach (var id in new[] { began, begins }) await node.SignalAsync(id, "go", "true");

        (await node.EndOfAsync(began)).State.ShouldBe(JobState.Succeeded);
        (await node.EndOfAsync(begins)).State.ShouldBe(JobState.Succeeded);
        (await node.ResultOfAsync(began), await node.ResultOfAsync(begins)).ShouldBe(("old", "new"));
        old.ShouldBe(1);
    }

    [Fact]
    public async Task By_asking_for_more_than_a_journal_holds()
    {
        await using var node = await Flows.StartAsync<Order, int>(async (order, flow) =>
        {
            while (true) _ = flow.Delay(TimeSpan.FromDays(1));
#pragma warning disable CS0162 // It has no end.
            return await flow.Step("never", _ => Task.FromResult(1));
#pragma warning restore CS0162
        });

        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("flow"))).Id);

        (job.State, job.Error!.Code).ShouldBe((JobState.Dead, "workflow-too-long"));
        job.Error.Message.ShouldContain("50000");
        node.Number("SELECT count(*) FROM waits").ShouldBe(0);
    }

    [Fact]
    public async Task By_never_awaiting_anything()
    {
        var over = false;
        await using var node = await Flows.StartAsync<Order, int>((_, _) =>
        {
            while (!Volatile.Read(ref over))
            {
                // It does not listen.
            }
            return Task.FromResult(1);
        }, features: Flows.Features.Replace("deliverWithin: 30d }, handler: code }", "deliverWithin: 30d }, handler: code, timeout: 1s, retry: { attempts: 1 } }", StringComparison.Ordinal));

        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("flow"))).Id);

        (job.State, job.Error!.Code).ShouldBe((JobState.Dead, "timeout"));
        Volatile.Write(ref over, true);
    }

    [Fact]
    public async Task With_something_that_no_verb_gave()
    {
        var job = await DeadAsync<int>(async (_, flow) =>
        {
            // The step begins when the turn is over, and so when the body waits.
            var foreign = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            var beside = flow.Step("beside", _ => Task.FromResult(foreign.TrySetResult()));
            await foreign.Task;
            await beside;
            return await flow.Step("b", _ => Task.FromResult(1));
        });
        (job.Error!.Code, job.Attempt).ShouldBe(("workflow-outside", 1));
    }

    [Fact]
    public async Task With_code_that_does_not_wait_for_what_it_waited_for()
    {
        await using var node = await Flows.StartAsync<Order, int>(async (_, flow) => await flow.Signal<bool>("legal") ? 1 : 0);
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");

        await node.RestartAsync(flows => flows.Add<Order, int>("flow", async (_, flow) => await flow.Signal<bool>("counsel") ? 1 : 0));
        await node.SignalAsync(id, "legal", "true");

        var job = await node.EndOfAsync(id);
        job.Error!.Code.ShouldBe("mismatch");
        job.Error.Message.ShouldContain("because it waited for that: signal legal. Found: signal counsel.");
        job.Attempt.ShouldBe(2);
    }

    [Fact]
    public async Task With_code_that_ends_earlier()
    {
        await using var node = await Flows.StartAsync<Order, int>(async (_, flow) =>
        {
            await flow.Step("one", _ => Task.CompletedTask);
            await flow.Step("two", _ => Task.CompletedTask);
            await flow.Signal<bool>("go");
            return 1;
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");

        await node.RestartAsync(flows => flows.Add<Order, int>("flow", async (_, flow) =>
        {
            await flow.Step("one", _ => Task.CompletedTask);
            return 1;
        }));
        await node.SignalAsync(id, "go", "true");

        (await node.EndOfAsync(id)).Error!.Message.ShouldContain("step two. Found: its end.");
    }

    [Fact]
    public async Task Goes_on_when_it_is_replayed_and_asks_anew_for_what_it_died_of()
    {
        var down = true;
        await using var node = await Flows.StartAsync<Order, int>(async (_, flow) =>
        {
            await flow.Step("paid", _ => Task.FromResult(_effects.Do("paid", 0)));
            return await flow.Step("call", _ => down ? throw new WorkflowFailedException("service-down", "It is down.") : Task.FromResult(_effects.Do("call", 7)));
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        (await node.EndOfAsync(id)).Error!.Code.ShouldBe("service-down");

        down = false;
        await node.Engine.ReplayAsync(Caller.Local, id);

        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        (await node.ResultOfAsync(id)).ShouldBe("7");
        _effects.Done.ShouldBe(["paid", "call"]);
    }

    [Fact]
    public async Task A_bug_leaves_its_children_where_they_are()
    {
        var runs = 0;
        await using var node = await Flows.StartAsync<Order, int>(async (_, flow) =>
        {
            var child = flow.Call<int>("child", new Order(3, Takes: 300));
            await flow.Step("beside", _ => Task.CompletedTask);
            return Interlocked.Increment(ref runs) == 1 ? throw new InvalidOperationException("A bug.") : await child;
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;

        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        (await node.ResultOfAsync(id)).ShouldBe("6");
        node.Number("SELECT count(*) FROM jobs WHERE parent IS NOT NULL").ShouldBe(1);
    }

    [Fact]
    public async Task A_bug_in_its_body_is_tried_again_and_its_steps_are_not()
    {
        var runs = 0;
        await using var node = await Flows.StartAsync<Order, int>(async (_, flow) =>
        {
            var one = await flow.Step("one", _ => Task.FromResult(_effects.Do("one", 1)));
            return Interlocked.Increment(ref runs) < 3 ? throw new InvalidOperationException("A bug.") : one;
        });
        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("flow"))).Id);

        (job.State, job.Attempt).ShouldBe((JobState.Succeeded, 3));
        _effects.Done.ShouldBe(["one"]);
    }

    [Fact]
    public async Task And_a_bug_behind_a_change_leaves_it_with_the_change()
    {
        var (effects, runs) = (new Effects(), 0);
        await using var node = await Flows.StartAsync<Order, int>(async (_, flow) =>
        {
            await flow.Step("one", _ => Task.CompletedTask);
            if (!flow.Patched("two")) return effects.Do("old", 1);
            if (Interlocked.Increment(ref runs) == 1) throw new InvalidOperationException("A bug.");
            return await flow.Step("two", _ => Task.FromResult(effects.Do("new", 2)));
        });

        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("flow"))).Id);

        job.State.ShouldBe(JobState.Succeeded);
        effects.Done.ShouldBe(["new"]);
    }

    [Fact]
    public async Task With_a_cache_is_refused_at_the_start()
    {
        var file = Flows.Features.Replace("deliverWithin: 30d }, handler: code }", "deliverWithin: 30d }, handler: code, cache: { for: 1h } }", StringComparison.Ordinal);
        (await Should.ThrowAsync<StartupException>(Flows.StartAsync<Order, int>((_, _) => Task.FromResult(1), features: file))).Message.ShouldContain("workflow-cached");
    }

    [Fact]
    public async Task Under_a_contract_whose_caller_waits_inline_is_refused_at_the_start()
    {
        var refused = await Should.ThrowAsync<StartupException>(Node.StartAsync("features: { flow: { contract: { mode: sync, caller: waits, acceptableWait: 5s }, handler: code, fallback: none } }", _ => { },
            workflows: flows => flows.Add<Order, int>("flow", (_, _) => Task.FromResult(1))));
        refused.Message.ShouldContain("workflow-inline: ");
        refused.Message.ShouldContain("Give it mode hybrid");
    }
}

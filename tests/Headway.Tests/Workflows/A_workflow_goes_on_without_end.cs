using Headway.Access;
using Headway.Jobs;
using Headway.Upstream;

namespace Headway.Tests.Workflows;

public sealed class A_workflow_goes_on_without_end
{
    [Fact]
    public async Task As_a_new_run_of_the_same_job_with_an_empty_journal()
    {
        var effects = new Effects();
        var ids = new System.Collections.Concurrent.ConcurrentDictionary<int, Guid>();
        await using var node = await Flows.StartAsync<Order, int>(async (order, flow) =>
        {
            ids.TryAdd(order.Number, flow.NewId());
            await flow.Step("work", _ => Task.FromResult(effects.Do($"work {order.Number}", 1)));
            if (order.Number < 3) throw flow.ContinueAsNew(new Order(order.Number + 1));
            return order.Number;
        });
        var id = (await node.AcceptedAsync(node.Call("flow", """{"number":1}"""))).Id;

        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        (await node.ResultOfAsync(id)).ShouldBe("3");
        effects.Done.ShouldBe(["work 1", "work 2", "work 3"]);
        (await node.StepsOfAsync(id)).ShouldBe(["step work succeeded"]);
        ids.Values.Distinct().Count().ShouldBe(3);
        // Its input, its result, and nothing of the runs before.
        node.Number("SELECT count(*) FROM payloads").ShouldBe(2);
    }

    [Fact]
    public async Task And_what_was_sent_to_it_waits_for_the_run_that_asks()
    {
        await using var node = await Flows.StartAsync<string[], string[]>(async (got, flow) =>
        {
            var word = await flow.Signal<string>("word");
            if (got.Length < 2) throw flow.ContinueAsNew((string[])[.. got, word]);
            return [.. got, word];
        });
        var id = (await node.AcceptedAsync(node.Call("flow", "[]"))).Id;
        foreach (var word in new[] { "a", "b", "c" }) await node.SignalAsync(id, "word", $"\"{word}\"");

        await node.EndOfAsync(id);
        (await node.ResultOfAsync(id)).ShouldBe("""["a","b","c"]""");
    }

    [Fact]
    public async Task And_what_comes_too_late_for_one_run_is_the_next_ones()
    {
        await using var node = await Flows.StartAsync<Order, string>(async (order, flow) =>
        {
            var won = await flow.Race("first", async timed =>
            {
                await timed.Delay(TimeSpan.FromMilliseconds(order.Number == 1 ? 100 : 60_000));
                return "nothing";
            }, sent => sent.Signal<string>("word"));
            return won == "nothing" ? throw flow.ContinueAsNew(new Order(2)) : $"{order.Number} {won}";
        });
        var id = (await node.AcceptedAsync(node.Call("flow", """{"number":1}"""))).Id;
        await node.WaitsForAsync(id, "signal");
        await node.Engine.PauseAsync(Caller.Local, id);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        await timer.WaitForNextTickAsync();

        // By now both are there, and the time was first.
        await node.SignalAsync(id, "first[2]/word", "\"hello\"");
        await node.Engine.ResumeAsync(Caller.Local, id);

        await node.EndOfAsync(id);
        (await node.ResultOfAsync(id)).ShouldBe("2 hello");
    }

    [Fact]
    public async Task And_each_run_has_addresses_of_its_own()
    {
        var given = new System.Collections.Concurrent.ConcurrentDictionary<int, string>();
        await using var node = await Flows.StartAsync<Order, int>(async (order, flow) =>
        {
            var paid = flow.Callback<int>("paid");
            await flow.Step("ask", _ => Task.FromResult(given.TryAdd(order.Number, paid.Path)));
            var sum = order.Takes + await paid.Answer;
            return order.Number == 2 ? sum : throw flow.ContinueAsNew(new Order(2, sum));
        });
        var id = (await node.AcceptedAsync(node.Call("flow", """{"number":1}"""))).Id;
        for (var run = 1; run <= 2; run++)
        {
            await Until.IsSoAsync(() => given.ContainsKey(run));
            await node.Engine.CallbackAsync(given[run]["/v1/callbacks/".Length..], "5"u8.ToArray(), null, CancellationToken.None);
        }

        await node.EndOfAsync(id);
        (await node.ResultOfAsync(id)).ShouldBe("10");
    }

    [Fact]
    public async Task And_a_child_that_it_did_not_wait_for_is_cancelled()
    {
        await using var node = await Flows.StartAsync<Order, int>(async (order, flow) =>
        {
            if (order.Number == 2) return 2;
            _ = flow.Call<int>("child", new Order(1, 60_000));
            await flow.Delay(TimeSpan.FromMilliseconds(50));
            throw flow.ContinueAsNew(new Order(2));
        });
        var id = (await node.AcceptedAsync(node.Call("flow", """{"number":1}"""))).Id;

        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        await Until.IsSoAsync(() => node.Number("SELECT count(*) FROM queue") == 0);
        node.Number($"SELECT count(*) FROM jobs WHERE state = {(int)JobState.Cancelled}").ShouldBe(1);
    }

    [Fact]
    public async Task It_shows_pieces_of_its_answer_once_however_often_its_code_is_run_again()
    {
        await using var node = await Flows.StartAsync<Order, int>(async (_, flow) =>
        {
            flow.Emit("one");
            await flow.Signal<bool>("go");
            flow.Emit("two");
            await flow.Delay(TimeSpan.FromMilliseconds(20));
            flow.Emit("three");
            await flow.Signal<bool>("go");
            flow.Emit(new Order(4));
            return 4;
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");
        await node.SignalAsync(id, "go", "true");
        await node.WaitsForAsync(id, "signal");
        await node.RestartAsync();
        await node.SignalAsync(id, "go", "true");
        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);

        var seen = new List<string>();
        await foreach (var one in node.Engine.Events(Caller.Local, id, null, CancellationToken.None)!)
        {
            if (one.Kind is "delta" or "restart" or "step" or "result") seen.Add($"{one.Kind} {System.Text.Encoding.UTF8.GetString(one.Data.Span)}");
        }
        seen.Where(line => line.StartsWith("step", StringComparison.Ordinal)).ShouldBe(
        [
            """step {"number":1,"kind":"signal","name":"go","occurrence":1,"state":"succeeded"}""", """step {"number":2,"kind":"delay","name":"delay","occurrence":1,"state":"succeeded"}""",
            """step {"number":3,"kind":"signal","name":"go","occurrence":2,"state":"succeeded"}""",
        ]);
        // Shown beside the answer, which is given all the same.
        seen.Where(line => !line.StartsWith("step", StringComparison.Ordinal)).ShouldBe(
        [
            """delta {"beside":true,"text":"one"}""", """delta {"beside":true,"text":"two"}""", """delta {"beside":true,"text":"three"}""", """delta {"beside":true,"value":{"number":4,"takes":0}}""", "result 4",
        ]);
    }
}

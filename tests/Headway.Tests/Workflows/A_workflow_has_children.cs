using Headway.Access;
using Headway.Jobs;
using Headway.Upstream;

namespace Headway.Tests.Workflows;

public sealed class A_workflow_has_children
{
    [Fact]
    public async Task And_gets_their_answers_in_the_order_of_its_questions()
    {
        await using var node = await Flows.StartAsync<Order, int[]>(async (_, flow) =>
            [.. await flow.All(Enumerable.Range(1, 10).Select(number => flow.Call<int>("child", new Order(number, Takes: number % 3 * 20))))]);
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;

        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        (await node.ResultOfAsync(id)).ShouldBe("[2,4,6,8,10,12,14,16,18,20]");
        node.Number("SELECT count(*) FROM jobs WHERE parent IS NOT NULL").ShouldBe(10);
        node.Number("SELECT count(*) FROM waits").ShouldBe(0);
    }

    [Fact]
    public async Task And_waits_for_them_without_a_place_of_its_own()
    {
        await using var node = await Flows.StartAsync<Order, int>((_, flow) => flow.Call<int>("child", new Order(4, Takes: 1_000)));
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;

        (await node.WaitsForAsync(id, "child")).WaitingFor!.Text.ShouldBe("Waits for the child child.");

        await node.EndOfAsync(id);
        (await node.ResultOfAsync(id)).ShouldBe("8");
    }

    [Fact]
    public async Task And_reads_prose_as_text_and_nothing_as_null()
    {
        const string Contract = "{ contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }";
        await using var node = await Headway.Tests.Jobs.Node.StartAsync($"{Flows.Features}\n  say: {Contract}\n  nothing: {Contract}", code =>
        {
            Flows.Children(code);
            code.Add<string, string>("say", (word, _, _) => Task.FromResult($"I say {word}"));
            code.Add<string, Order?>("nothing", (_, _, _) => Task.FromResult<Order?>(null));
        }, workflows: flows => flows.Add<Order, string>("flow", async (_, flow) => $"{await flow.Call<string>("say", "so")}, {await flow.Call<Order?>("nothing", "x") is null}"));

        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("flow"))).Id);

        job.State.ShouldBe(JobState.Succeeded, job.Error?.Message);
        (await node.ResultOfAsync(job.Id)).ShouldBe("I say so, True");
    }

    [Fact]
    public async Task And_learns_why_one_failed()
    {
        await using var node = await Flows.StartAsync<Order, int>((_, flow) => flow.Call<int>("child", new Order(-1)));
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;

        var job = await node.EndOfAsync(id);
        (job.State, job.Error!.Code).ShouldBe((JobState.Dead, "handler-exception"));
        job.Error.Message.ShouldContain("It is negative.");
    }

    [Theory]
    [InlineData("nobody", "feature-unknown")]
    [InlineData("inline", "feature-not-queued")]
    public async Task But_not_of_any_feature(string feature, string code)
    {
        await using var node = await Flows.StartAsync<Order, int>((_, flow) => flow.Call<int>(feature, new Order(1)));
        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("flow"))).Id);
        job.Error!.Code.ShouldBe(code);
    }

    [Fact]
    public async Task But_not_where_a_budget_has_no_room_and_it_is_told_the_same_again()
    {
        const string Paid = """
              paid: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: { prompt: say.hbs, models: [dear], maxTokens: 1000 }, budget: { usdPerDay: 0.001 } }
            models:
              dear: { provider: rehearsal, price: { input: 1000, output: 1000 } }
            """;
        var told = new Effects();
        await using var node = await Headway.Tests.Jobs.Node.StartAsync($"{Flows.Features}\n{Paid}", Flows.Children, files: new Dictionary<string, string> { ["say.hbs"] = "Say {{word}}." }, workflows: flows => flows.Add<Order, string>("flow", async (_, flow) =>
        {
            try
            {
                return await flow.Call<string>("paid", new { word = "hello" });
            }
            catch (WorkflowFailedException broke)
            {
                told.Do(broke.Code, 1);
                await flow.Signal<bool>("go");
                return broke.Code;
            }
        }));
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");
        await node.RestartAsync();
        await node.SignalAsync(id, "go", "true");

        await node.EndOfAsync(id);
        (await node.ResultOfAsync(id)).ShouldBe("budget-exhausted");
        told.Done.ShouldBe(["budget-exhausted", "budget-exhausted"]);
        // It was never a job, and nothing waits for it.
        (node.Number("SELECT count(*) FROM jobs"), node.Number("SELECT count(*) FROM waits")).ShouldBe((1, 0));
    }

    [Fact]
    public async Task That_are_cancelled_with_it()
    {
        await using var node = await Flows.StartAsync<Order, int>((_, flow) => flow.Call<int>("child", new Order(1, Takes: 60_000)));
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "child");

        await node.Engine.CancelAsync(Caller.Local, id, CancellationToken.None);

        node.Number("SELECT count(*) FROM jobs WHERE state = 8").ShouldBe(2);
        node.Number("SELECT count(*) FROM queue").ShouldBe(0);
    }

    [Fact]
    public async Task Of_which_the_fastest_wins_and_the_others_are_cancelled()
    {
        await using var node = await Flows.StartAsync<Order, string>(async (_, flow) =>
        {
            var first = await flow.Race("search",
                run => run.Call<int>("child", new Order(1, Takes: 60_000)),
                run => run.Call<int>("child", new Order(2, Takes: 50)),
                async run =>
                {
                    await run.Step("slow", stop => Task.Delay(Timeout.Infinite, stop));
                    return 0;
                });
            await flow.Signal<bool>("go");
            return $"{first}";
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");
        await Until.IsSoAsync(() => node.Number("SELECT count(*) FROM jobs WHERE state = 8") > 0);

        await node.SignalAsync(id, "go", "true");

        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        (await node.ResultOfAsync(id)).ShouldBe("4");
        (await node.StepsOfAsync(id)).ShouldBe(["call search[2]/child succeeded", "signal go succeeded"]);
    }

    [Fact]
    public async Task That_live_on_when_they_were_only_started()
    {
        await using var node = await Flows.StartAsync<Order, string>((_, flow) => flow.Start("child", new Order(5, Takes: 300)));
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;

        await node.EndOfAsync(id);
        JobId.TryParse(await node.ResultOfAsync(id), out var child).ShouldBeTrue();
        (await node.EndOfAsync(child)).State.ShouldBe(JobState.Succeeded);
        (await node.ResultOfAsync(child)).ShouldBe("10");
    }

    [Fact]
    public async Task Of_items_of_items_side_by_side()
    {
        await using var node = await Flows.StartAsync<Order, int>(async (_, flow) =>
        {
            var sums = await flow.All(Enumerable.Range(1, 3).Select(async group =>
                (await flow.Each("member", Enumerable.Range(1, group * 2), (number, member) => member.Call<int>("child", new Order(number + (10 * group))), concurrency: 2)).Sum()));
            return sums.Sum();
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;

        var job = await node.EndOfAsync(id);
        job.State.ShouldBe(JobState.Succeeded, job.Error?.Message);
        (await node.ResultOfAsync(id)).ShouldBe($"{Enumerable.Range(1, 3).Sum(group => Enumerable.Range(1, group * 2).Sum(number => 2 * (number + (10 * group))))}");
    }

    [Fact]
    public async Task That_begin_nothing_once_they_are_given_up()
    {
        var effects = new Effects();
        await using var node = await Flows.StartAsync<Order, int>(async (_, flow) => await flow.Race("search",
            async run =>
            {
                var found = await run.Each("page", Enumerable.Range(1, 50), async (number, page) =>
                {
                    try
                    {
                        return await page.Step("read", async stop =>
                        {
                            effects.Do("read", 0);
                            await Task.Delay(Timeout.Infinite, stop);
                            return number;
                        });
                    }
                    catch (OperationCanceledException)
                    {
                        return 0;
                    }
                }, concurrency: 2);
                return found.Sum();
            },
            async run => await run.Step("first", async _ =>
            {
                await Until.IsSoAsync(() => effects.Done.Length >= 2);
                return 5;
            })));
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;

        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        (await node.ResultOfAsync(id)).ShouldBe("5");
        effects.Done.Length.ShouldBe(2);
    }

    [Fact]
    public async Task Of_many_items_some_at_once()
    {
        // Nobody is done before there are as many as there may be.
        const int Most = 4;
        var (now, most) = (0, 0);
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var node = await Flows.StartAsync<Order, int>(async (_, flow) => (await flow.Each("square", Enumerable.Range(1, 40), (number, item) => item.Step("do", async _ =>
        {
            var running = Interlocked.Increment(ref now);
            InterlockedMax(ref most, running);
            if (running == Most) full.TrySetResult();
            await full.Task;
            Interlocked.Decrement(ref now);
            return number * number;
        }), concurrency: Most)).Sum());
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;

        await node.EndOfAsync(id);
        (await node.ResultOfAsync(id)).ShouldBe("22140");
        most.ShouldBe(Most);
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var known = most; value > known; known = most)
        {
            if (Interlocked.CompareExchange(ref most, value, known) == known) return;
        }
    }
}

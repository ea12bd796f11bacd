using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Waiting;

namespace Headway.Tests.Workflows;

public sealed class A_workflow_waits_for_the_world
{
    [Fact]
    public async Task For_a_signal_and_holds_nothing_meanwhile()
    {
        await using var node = await Flows.StartAsync<Order, string>(async (_, flow) => await flow.Signal<string>("word"));
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;

        var waiting = await node.WaitsForAsync(id, "signal");
        waiting.WaitingFor!.Text.ShouldBe("Waits for the signal word.");
        node.Number("SELECT count(*) FROM queue WHERE lease IS NOT NULL").ShouldBe(0);

        await node.SignalAsync(id, "word", "\"hello\"");

        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        (await node.ResultOfAsync(id)).ShouldBe("hello");
        (await node.AuditOfAsync(id)).ShouldBe(["submitted", "started", "signalled", "started", "completed", "delivered"]);
    }

    [Fact]
    public async Task For_signals_in_the_order_in_which_they_came_also_before_it_asked()
    {
        var may = new TaskCompletionSource();
        await using var node = await Flows.StartAsync<Order, string>(async (_, flow) =>
        {
            await flow.Step("until", async _ => await may.Task);
            return await flow.Signal<string>("word") + await flow.Signal<string>("word") + await flow.Signal<string>("other");
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.SignalAsync(id, "word", "\"a\"");
        await node.SignalAsync(id, "other", "\"c\"");
        await node.SignalAsync(id, "word", "\"b\"");
        may.SetResult();

        await node.EndOfAsync(id);
        (await node.ResultOfAsync(id)).ShouldBe("abc");
    }

    [Fact]
    public async Task For_a_signal_once_however_often_it_is_sent_with_its_key()
    {
        await using var node = await Flows.StartAsync<Order, string>(async (_, flow) => await flow.Signal<string>("word") + await flow.Signal<string>("word"));
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");

        (await Send("\"a\"", "one")).ShouldNotBe(Signalled.Again);
        (await Send("\"a\"", "one")).ShouldBe(Signalled.Again);
        (await Send("\"x\"", "one")).ShouldBe(Signalled.Mismatch);
        await Send("\"b\"", "two");

        await node.EndOfAsync(id);
        (await node.ResultOfAsync(id)).ShouldBe("ab");
        (await Send("\"b\"", "three")).ShouldBe(Signalled.Over);
        (await Send("\"b\"", "two")).ShouldBe(Signalled.Again);

        async Task<Signalled?> Send(string json, string key) => await node.Engine.SignalAsync(Caller.Local, id, "word", System.Text.Encoding.UTF8.GetBytes(json), key, CancellationToken.None);
    }

    [Fact]
    public async Task For_a_signal_but_not_longer_than_it_says()
    {
        await using var node = await Flows.StartAsync<Order, string>(async (_, flow) =>
        {
            try
            {
                return await flow.Signal<string>("word", TimeSpan.FromMilliseconds(300));
            }
            catch (WorkflowTimeoutException late)
            {
                await flow.Step("note", _ => Task.CompletedTask);
                return late.Code;
            }
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;

        await node.EndOfAsync(id);
        (await node.ResultOfAsync(id)).ShouldBe("signal-timeout");
        (await node.StepsOfAsync(id)).ShouldBe(["signal word timed-out", "step note succeeded"]);
    }

    [Fact]
    public async Task For_a_signal_that_does_not_fit_and_then_for_another()
    {
        await using var node = await Flows.StartAsync<Order, string>(async (_, flow) =>
        {
            while (true)
            {
                try
                {
                    return $"{await flow.Signal<int>("number")}";
                }
                catch (WorkflowFailedException unfit) when (unfit.Code == "signal-invalid")
                {
                }
            }
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.SignalAsync(id, "number", "\"seven\"");
        await node.SignalAsync(id, "number", "7");

        await node.EndOfAsync(id);
        (await node.ResultOfAsync(id)).ShouldBe("7");
    }

    [Fact]
    public async Task For_a_decision_and_not_for_nothing()
    {
        await using var node = await Flows.StartAsync<Order, string>(async (_, flow) =>
        {
            try
            {
                return (await flow.Approval("legal")).Reason ?? "";
            }
            catch (WorkflowFailedException unfit)
            {
                return unfit.Code;
            }
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.SignalAsync(id, "legal");

        await node.EndOfAsync(id);
        (await node.ResultOfAsync(id)).ShouldBe("signal-invalid");
    }

    [Fact]
    public async Task While_it_tells_how_far_it_is_and_goes_on_beside()
    {
        await using var node = await Flows.StartAsync<Order, int>(async (_, flow) =>
        {
            var decided = flow.Approval("legal");
            await flow.Step("one", _ => Task.CompletedTask);
            flow.Progress(1, 2, "one is done");
            await flow.Step("two", _ => Task.CompletedTask);
            await decided;
            return 2;
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;

        var waiting = await node.WaitsForAsync(id, "approval");

        (await node.StepsOfAsync(id)).ShouldBe(["step one succeeded", "step two succeeded", "approval legal waiting"]);
        waiting.Progress.ShouldBe(new Progress(1, 2, "one is done"));
        await node.SignalAsync(id, "legal", """{"granted":true}""");
        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task For_a_decision_and_who_made_it()
    {
        await using var node = await Flows.StartAsync<Order, string>(async (_, flow) =>
        {
            var decided = await flow.Approval("legal");
            return $"{decided.Granted} {decided.Reason} {decided.By} {decided.At is not null}";
        });
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "approval");

        await node.SignalAsync(id, "legal", """{"granted":true,"reason":"fine","by":"somebody else"}""");

        await node.EndOfAsync(id);
        (await node.ResultOfAsync(id)).ShouldBe("True fine local True");
    }

    [Fact]
    public async Task For_days_in_no_time()
    {
        var time = new ManualTime();
        await using var node = await Flows.StartAsync<Order, double>(async (_, flow) =>
        {
            var began = flow.Now;
            await flow.Delay(TimeSpan.FromDays(3));
            return (flow.Now - began).TotalDays;
        }, time: time);
        if (Storage.TestDatabase.IsPostgres) Assert.Skip("On SQLite only.");
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        (await node.WaitsForAsync(id, "timer")).WaitingFor!.Until.ShouldBe(time.GetUtcNow().AddDays(3));

        time.Advance(TimeSpan.FromDays(2));
        await node.RestartAsync();
        (await node.Engine.FindAsync(Caller.Local, id))!.State.ShouldBe(JobState.Waiting);
        time.Advance(TimeSpan.FromDays(1.01));

        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        while (!(await node.Engine.FindAsync(Caller.Local, id))!.IsFinished)
        {
            time.Advance(TimeSpan.FromMilliseconds(200));
            await timer.WaitForNextTickAsync(limit.Token);
        }
        (await node.StepsOfAsync(id)).ShouldBe(["delay delay succeeded"]);
        double.Parse(await node.ResultOfAsync(id), System.Globalization.CultureInfo.InvariantCulture).ShouldBe(3, tolerance: 0.02);
    }

    [Fact]
    public async Task Thousands_wait_and_each_gets_its_own()
    {
        const int Jobs = 300;
        await using var node = await Flows.StartAsync<Order, int>(async (order, flow) => order.Number + await flow.Signal<int>("more"));
        var ids = await Task.WhenAll(Enumerable.Range(0, Jobs).Select(async number => (await node.AcceptedAsync(node.Call("flow", $$"""{"number":{{number}}}"""))).Id));
        foreach (var id in ids) await node.WaitsForAsync(id, "signal");

        await Task.WhenAll(ids.Select(id => node.SignalAsync(id, "more", "1000")));

        for (var number = 0; number < Jobs; number++)
        {
            await node.EndOfAsync(ids[number]);
            (await node.ResultOfAsync(ids[number])).ShouldBe($"{number + 1000}");
        }
    }

    [Fact]
    public async Task And_a_signal_that_meets_its_falling_asleep_is_not_lost()
    {
        const int Jobs = 200;
        var asked = new System.Collections.Concurrent.ConcurrentQueue<JobId>();
        var known = new System.Collections.Concurrent.ConcurrentDictionary<JobId, bool>();
        await using var node = await Flows.StartAsync<Order, bool>(async (_, flow) =>
        {
            await flow.Step("go", _ => Task.CompletedTask);
            JobId.TryParse(flow.Job, out var id).ShouldBeTrue();
            if (known.TryAdd(id, true)) asked.Enqueue(id);
            return await flow.Signal<bool>("word");
        });
        var accepted = new List<JobId>();
        var sender = Task.Run(async () =>
        {
            var sent = 0;
            while (sent < Jobs)
            {
                if (!asked.TryDequeue(out var id)) await Task.Yield();
                else
                {
                    await node.SignalAsync(id, "word", "true");
                    sent++;
                }
            }
        }, CancellationToken.None);
        for (var count = 0; count < Jobs; count++) accepted.Add((await node.AcceptedAsync(node.Call("flow"))).Id);

        await sender.WaitAsync(TimeSpan.FromSeconds(60));
        foreach (var id in accepted) (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        // By the signal itself, and not by who makes up for what was lost.
        node.Log.Take().ShouldNotContain(line => line.Contains("WaitMatcher", StringComparison.Ordinal));
        node.Number("SELECT count(*) FROM waits").ShouldBe(0);
    }
}

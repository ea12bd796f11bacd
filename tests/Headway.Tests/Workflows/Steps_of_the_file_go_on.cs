using Headway.Jobs;
using Headway.Tests.Handlers.Http;
using Headway.Upstream;

namespace Headway.Tests.Workflows;

public sealed class Steps_of_the_file_go_on
{
    private const string TwoSteps = """
        - split: { prompt: split.hbs, models: [fast], output: clauses.json }
        - report: { prompt: report.hbs, models: [fast] }
        """;

    [Fact]
    public async Task After_a_kill_where_they_were_and_nothing_is_paid_twice()
    {
        var held = new TaskCompletionSource();
        var reports = 0;
        await using var models = await ModelUpstream.StartAsync(async context =>
        {
            var asked = StepFlows.AskedIn((UpstreamCall)context.Items[typeof(UpstreamCall)]!);
            if (asked.StartsWith("Report", StringComparison.Ordinal) && Interlocked.Increment(ref reports) == 1) await held.Task;
            await StepFlows.Says(_ => asked.StartsWith("Split", StringComparison.Ordinal) ? """{"clauses":["a"]}""" : "Done.")(context);
        });
        await using var node = await StepFlows.StartAsync(TwoSteps, models.BaseUrl);
        var id = (await node.AcceptedAsync(node.Call("flow", """{"text":"x"}"""))).Id;
        await models.ArrivedAsync(2).WaitAsync(TimeSpan.FromSeconds(20));

        await using var next = await node.AfterKillAsync(StepFlows.Children, files: StepFlows.Files);
        var job = await next.EndOfAsync(id);

        (job.State, job.Attempt).ShouldBe((JobState.Succeeded, 2));
        (await next.ResultOfAsync(id)).ShouldBe("Done.");
        models.Calls.Select(call => StepFlows.AskedIn(call)[..5]).ShouldBe(["Split", "Repor", "Repor"]);
        // What the dead one comes to afterwards is nobody's.
        held.SetResult();
    }

    [Fact]
    public async Task After_a_kill_among_the_items_of_a_list()
    {
        var held = new TaskCompletionSource();
        var last = 0;
        await using var models = await ModelUpstream.StartAsync(async context =>
        {
            if (StepFlows.AskedIn((UpstreamCall)context.Items[typeof(UpstreamCall)]!).Contains("Judge c", StringComparison.Ordinal) && Interlocked.Increment(ref last) == 1) await held.Task;
            await StepFlows.Says(asked => asked[6..7])(context);
        });
        await using var node = await StepFlows.StartAsync("""- judge: { each: "{{input.list}}", prompt: item.hbs, models: [fast], concurrency: 1 }""", models.BaseUrl);
        var id = (await node.AcceptedAsync(node.Call("flow", """{"text":"T","list":["a","b","c","d"]}"""))).Id;
        await models.ArrivedAsync(3).WaitAsync(TimeSpan.FromSeconds(20));

        await using var next = await node.AfterKillAsync(StepFlows.Children, files: StepFlows.Files);
        await next.EndOfAsync(id);

        (await next.ResultOfAsync(id)).ShouldBe("""["a","b","c","d"]""");
        models.Calls.Select(call => StepFlows.AskedIn(call)[6]).ShouldBe(['a', 'b', 'c', 'c', 'd']);
        held.SetResult();
    }

    [Fact]
    public async Task After_a_restart_at_each_wait_with_steps_of_every_kind()
    {
        await using var models = await ModelUpstream.StartAsync(StepFlows.Says(asked => asked));
        await using var node = await StepFlows.StartAsync("""
            - kids:  { each: "{{input.orders}}", feature: child }
            - both:  { parallel: { word: [ w: { signal: one }, e: { feature: echo, input: "{{steps.w}}!" } ], text: { prompt: plain.hbs, models: [fast] } } }
            - legal: { approval: legal }
            - first: { race: { two: { signal: two }, never: [ d: { delay: 1h }, k: { feature: child } ] } }
            - fork:  { when: "{{steps.first.won}}", is: two, then: [ f: { feature: echo, input: "{{steps.first.value}}" } ] }
            - rest:  { delay: 1200ms }
            - end:   { prompt: plain.hbs, models: [fast], input: { word: "{{steps.kids}} {{steps.both.word}} {{steps.both.text}} {{steps.legal.by}} {{steps.fork}}" } }
            """, models.BaseUrl);
        var id = (await node.AcceptedAsync(node.Call("flow", """{"word":"x","orders":[{"number":1},{"number":2}]}"""))).Id;

        await RestartAndSendAsync("signal", "one", "\"so\"");
        await RestartAndSendAsync("approval", "legal", """{"granted":true}""");
        await RestartAndSendAsync("signal", "two", "7");
        await node.WaitsForAsync(id, "timer");
        await node.RestartAsync();

        var job = await node.EndOfAsync(id);
        job.State.ShouldBe(JobState.Succeeded, job.Error?.Message);
        (await node.ResultOfAsync(id)).ShouldBe("Plain [2,4] so! Plain x local 7");
        models.Calls.Count.ShouldBe(2);
        (await node.StepsOfAsync(id)).ShouldAllBe(step => step.EndsWith("succeeded", StringComparison.Ordinal));
        node.Number("SELECT count(*) FROM jobs").ShouldBe(5);

        async Task RestartAndSendAsync(string waits, string signal, string json)
        {
            await node.WaitsForAsync(id, waits);
            await node.RestartAsync();
            await node.WaitsForAsync(id, waits);
            await node.SignalAsync(id, signal, json);
        }
    }

    [Fact]
    public async Task By_the_file_that_they_began_with_whatever_it_says_by_now()
    {
        await using var models = await ModelUpstream.StartAsync(StepFlows.Says(asked => asked.StartsWith("Split", StringComparison.Ordinal) ? """{"clauses":["a"]}""" : asked));
        await using var node = await StepFlows.StartAsync("""
            - split: { prompt: split.hbs, models: [fast], output: clauses.json }
            - wait: { signal: go }
            - report: { prompt: report.hbs, models: [fast] }
            """, models.BaseUrl);
        var id = (await node.AcceptedAsync(node.Call("flow", """{"text":"x"}"""))).Id;
        await node.WaitsForAsync(id, "signal");

        await node.ReloadAsync("Report anew", "report.hbs");
        await node.ReloadAsync(StepFlows.File("- only: { feature: echo, input: new }", models.BaseUrl));
        await node.SignalAsync(id, "go");

        await node.EndOfAsync(id);
        (await node.ResultOfAsync(id)).ShouldBe("Report on [a] for x");
        var later = await node.DoneAsync();
        (await node.ResultOfAsync(later.Id)).ShouldBe("new");
    }

    [Fact]
    public async Task But_send_nothing_where_the_file_does_not_allow_it_any_more()
    {
        await using var service = await Service.AnsweringAsync("application/json", "{}");
        var steps = $"- wait: {{ signal: go }}\n- send: {{ http: \"{service.Url}\", allowedData: [ALLOWED] }}";
        var text = StepFlows.File(steps.Replace("ALLOWED", "phi", StringComparison.Ordinal)).Replace("deliverWithin: 30d", "deliverWithin: 30d, data: phi", StringComparison.Ordinal);
        await using var node = await Headway.Tests.Jobs.Node.StartAsync(text, StepFlows.Children, files: StepFlows.Files);
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");

        await node.ReloadAsync(text.Replace("allowedData: [phi]", "allowedData: [internal]", StringComparison.Ordinal));
        await node.SignalAsync(id, "go");

        (await node.EndOfAsync(id)).Error!.Code.ShouldBe("data-not-allowed");
        service.Calls.ShouldBeEmpty();
    }
}

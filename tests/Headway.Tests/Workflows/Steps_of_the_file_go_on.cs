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

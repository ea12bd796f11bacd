using Headway.Access;
using Headway.Jobs;
using Headway.Upstream;

namespace Headway.Tests.Workflows;

public sealed class Steps_of_the_file_wait
{
    [Fact]
    public async Task For_a_signal_whose_body_is_the_result()
    {
        await using var node = await StepFlows.StartAsync("""
            - wait: { signal: word, within: 1d }
            - say: { feature: echo, input: "{{steps.wait.said}}, {{input.name}}" }
            """);
        var id = (await node.AcceptedAsync(node.Call("flow", """{"name":"Ada"}"""))).Id;
        (await node.WaitsForAsync(id, "signal")).WaitingFor!.Text.ShouldBe("Waits for the signal word.");

        await node.SignalAsync(id, "word", """{"said":"hello"}""");

        await node.EndOfAsync(id);
        (await node.ResultOfAsync(id)).ShouldBe("hello, Ada");
    }

    [Theory]
    [InlineData("continue", "null")]
    [InlineData("[ remind: { feature: echo, input: \"remind {{input.name}}\" }, rest: { delay: 1ms }, say: { feature: echo, input: \"{{steps.remind}} again\" } ]", "remind Ada again")]
    public async Task And_go_on_when_it_does_not_come(string otherwise, string result)
    {
        (await StepFlows.ResultAsync($"- wait: {{ signal: word, within: 20ms, otherwise: {otherwise} }}", """{"name":"Ada"}""")).ShouldBe(result);
    }

    [Fact]
    public async Task Or_die_of_it_and_wait_anew_when_replayed()
    {
        await using var node = await StepFlows.StartAsync("- once: { feature: child, input: { number: 1 } }\n- wait: { signal: word, within: 500ms }");
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        var dead = await node.EndOfAsync(id);
        (dead.State, dead.Error!.Code).ShouldBe((JobState.Dead, "signal-timeout"));

        await node.Engine.ReplayAsync(Caller.Local, id);
        await node.WaitsForAsync(id, "signal");
        await node.SignalAsync(id, "word", "\"late\"");

        await node.EndOfAsync(id);
        (await node.ResultOfAsync(id)).ShouldBe("late");
        (await node.StepsOfAsync(id)).Count(step => step.StartsWith("call once", StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public async Task For_a_decision_that_is_granted()
    {
        await using var node = await StepFlows.StartAsync("""
            - legal: { approval: legal-approval, within: 3d }
            - say: { feature: echo, input: "{{steps.legal.by}}: {{steps.legal.granted}}, {{steps.legal.reason}}" }
            """);
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "approval");

        // What is no decision is passed over.
        await node.SignalAsync(id, "legal-approval", "\"yes\"");
        await node.SignalAsync(id, "legal-approval", """{"granted":true,"reason":"Fine."}""");

        var job = await node.EndOfAsync(id);
        job.State.ShouldBe(JobState.Succeeded, job.Error?.Message);
        (await node.ResultOfAsync(id)).ShouldBe("local: true, Fine.");
    }

    [Fact]
    public async Task For_a_decision_that_is_no()
    {
        await using var models = await ModelUpstream.StartAsync(StepFlows.Says(asked => asked));
        await using var node = await StepFlows.StartAsync("""
            - legal: { approval: legal, otherwise: [ letter: { prompt: letter.hbs, models: [fast] } ] }
            """, models.BaseUrl);
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "approval");

        await node.SignalAsync(id, "legal", """{"granted":false,"reason":"Clause 4."}""");

        await node.EndOfAsync(id);
        (await node.ResultOfAsync(id)).ShouldBe("Write that local says Clause 4.");
    }

    [Fact]
    public async Task For_a_decision_that_ends_the_job()
    {
        await using var node = await StepFlows.StartAsync("- legal: { approval: legal }\n- never: { feature: child }");
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "approval");

        await node.SignalAsync(id, "legal", """{"granted":false,"reason":"Clause 4."}""");

        var job = await node.EndOfAsync(id);
        (job.State, job.Error!.Code, job.Error.Message).ShouldBe((JobState.Dead, "approval-denied", "Step legal: local said no to legal: Clause 4."));

        // What was decided stays so.
        await node.Engine.ReplayAsync(Caller.Local, id);
        (await node.EndOfAsync(id)).Error!.Code.ShouldBe("approval-denied");
    }

    [Fact]
    public async Task For_signals_in_branches_by_the_name_that_the_file_says()
    {
        await using var node = await StepFlows.StartAsync("""
            - both: { parallel: { a: { signal: one }, b: [ c: { signal: two }, d: { signal: two } ] } }
            """);
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");

        foreach (var (name, value) in new[] { ("two", "1"), ("one", "2"), ("two", "3") }) await node.SignalAsync(id, name, value);

        await node.EndOfAsync(id);
        (await node.ResultOfAsync(id)).ShouldBe("""{"a":2,"b":3}""");
    }
}

using Headway.Access;
using Headway.Jobs;
using Headway.Tests.Handlers.Http;
using Headway.Tests.Jobs;
using Headway.Upstream;

namespace Headway.Tests.Workflows;

public sealed class Steps_of_the_file_go_wrong
{
    [Theory]
    [InlineData("""- a: { feature: echo, input: "{{input.clauses.first}}" }""", """{"clauses":["x"]}""", "step-value-missing", "Step a: {{input.clauses.first}} names 'first', which is not in input.clauses: that is a list of 1.")]
    [InlineData("""- a: { feature: echo, input: { deep: [ "Dear {{input.name}}" ] } }""", "{}", "step-value-missing", "Step a: Dear {{input.name}} prints 'name', which is not there.")]
    [InlineData("""- a: { each: "{{input.list}}", feature: child }""", "{}", "step-value-missing", "Step a: {{input.list}} names 'list', which is not in input: that is an object.")]
    [InlineData("""- a: { each: "{{input.list}}", feature: child }""", """{"list":{}}""", "step-each-not-list", "Step a: {{input.list}} is an object, and `each` goes over a list.")]
    [InlineData("""- p: { parallel: { x: { delay: 1ms }, y: [ a: { each: "{{input}}", feature: child } ] } }""", "{}", "step-each-not-list", "Step p/y/a: {{input}} is an object")]
    [InlineData("""- a: { when: "{{input.v}}", above: 1, then: [ b: { delay: 1ms } ] }""", """{"v":"many"}""", "step-when-not-number", "Step a: {{input.v}} is a text, and `above` and `below` compare numbers.")]
    [InlineData("""- a: { prompt: plain.hbs, models: [fast] }""", "{}", "template-failed", "Step a failed for good: The template plain.hbs failed: line 1: 'word' is not in the input")]
    [InlineData("""- a: { feature: child, input: { number: -1 } }""", "{}", "handler-exception", "child (job_")]
    [InlineData("""- a: { feature: child, input: { number: "x" } }""", "{}", "input-invalid", "child (job_")]
    public async Task With_a_code_and_the_step_it_is(string steps, string input, string code, string says)
    {
        var error = await StepFlows.DeathAsync(steps, input);

        error.Code.ShouldBe(code, error.Message);
        error.Message.ShouldStartWith(says);
    }

    [Fact]
    public async Task By_what_is_too_large()
    {
        var input = $"{{\"text\":\"{new string('x', 12 * 1024 * 1024)}\"}}";

        var given = await StepFlows.DeathAsync("""- a: { feature: echo, input: ["{{input}}", "{{input}}", "{{input}}"] }""", input);
        (given.Code, given.Message[..40]).ShouldBe(("step-input-too-large", "Step a: what it is given has 36 MiB, and"));

        (await StepFlows.DeathAsync("""- a: { delay: 1ms }""", input, result: """["{{input}}", "{{input}}", "{{input}}"]""")).Code.ShouldBe("result-too-large");
    }

    [Fact]
    public async Task By_an_answer_that_no_step_can_read()
    {
        await using var service = await Service.AnsweringAsync("image/png", "png");

        var error = await StepFlows.DeathAsync($"- draw: {{ http: \"{service.Url}\" }}");

        (error.Code, service.Calls.Count).ShouldBe(("step-answer-unreadable", 1));
        error.Message.ShouldStartWith("Step draw was answered with image/png");
    }

    [Fact]
    public async Task By_an_answer_of_a_job_that_no_step_can_read()
    {
        await using var service = await Service.AnsweringAsync("image/png", "png");
        await using var node = await Node.StartAsync(StepFlows.File("- picture: { feature: draw }", service: service.Url), StepFlows.Children, files: StepFlows.Files);

        var error = (await node.DoneAsync()).Error!;

        error.Code.ShouldBe("child-answer-unreadable");
        error.Message.ShouldContain(") answered with image/png, which a workflow cannot read");
    }

    [Fact]
    public async Task By_what_a_service_refuses()
    {
        await using var service = await Service.AnsweringAsync("application/problem+json", """{"detail":"No such patient."}""", 422);

        var error = await StepFlows.DeathAsync($"- look: {{ http: \"{service.Url}\" }}");

        error.Message.ShouldStartWith("Step look failed for good: ");
        error.Message.ShouldContain("No such patient.");
        service.Calls.Count.ShouldBe(1);
    }

    [Fact]
    public async Task And_an_answer_that_is_not_valid_is_mended_by_the_model()
    {
        var calls = 0;
        await using var models = await ModelUpstream.StartAsync(StepFlows.Says(_ => Interlocked.Increment(ref calls) == 1 ? """{"clauses":7}""" : """{"clauses":[]}"""));

        (await StepFlows.ResultAsync("- split: { prompt: split.hbs, models: [fast], output: clauses.json }", """{"text":"x"}""", models.BaseUrl)).ShouldBe("""{"clauses":[]}""");
        calls.ShouldBe(2);
    }

    [Fact]
    public async Task And_another_model_takes_over()
    {
        await using var models = await ModelUpstream.StartAsync(Scripts.Whole(401, "application/json", "{}"), StepFlows.Says(_ => "fine"));

        (await StepFlows.ResultAsync("- say: { prompt: plain.hbs, models: [fast, other] }", """{"word":"x"}""", models.BaseUrl)).ShouldBe("fine");
        models.Calls.Select(call => call.Body.Contains("gpt-other", StringComparison.Ordinal)).ShouldBe([false, true]);
    }

    [Fact]
    public async Task And_a_later_try_begins_at_the_stronger_model()
    {
        var calls = 0;
        await using var models = await ModelUpstream.StartAsync(StepFlows.Says(_ => Interlocked.Increment(ref calls) > 4 ? """{"clauses":[]}""" : "no value"));

        (await StepFlows.ResultAsync("- split: { prompt: split.hbs, models: [fast, other], output: clauses.json }", """{"text":"x"}""", models.BaseUrl, "retry: { attempts: 3, backoff: 10ms..20ms, strongerFrom: 2 }")).ShouldBe("""{"clauses":[]}""");
        models.Calls.Select(call => call.Body.Contains("gpt-other", StringComparison.Ordinal)).ShouldBe([false, false, true, true, true]);
    }

    [Fact]
    public async Task A_replay_goes_on_at_the_step_that_failed_and_pays_none_before_it_again()
    {
        var down = true;
        await using var models = await ModelUpstream.StartAsync(context =>
            Volatile.Read(ref down) && StepFlows.AskedIn((UpstreamCall)context.Items[typeof(UpstreamCall)]!).StartsWith("Report", StringComparison.Ordinal)
                ? Scripts.Whole(400, "application/json", "{}")(context)
                : StepFlows.Says(_ => """{"clauses":["a"]}""")(context));
        await using var node = await StepFlows.StartAsync("""
            - split: { prompt: split.hbs, models: [fast], output: clauses.json }
            - report: { prompt: report.hbs, models: [fast] }
            """, models.BaseUrl);
        var dead = await node.DoneAsync("""{"text":"x"}""");
        dead.State.ShouldBe(JobState.Dead);
        dead.Error!.Message.ShouldStartWith("Step report failed for good: ");

        Volatile.Write(ref down, false);
        await node.Engine.ReplayAsync(Caller.Local, dead.Id);

        (await node.EndOfAsync(dead.Id)).State.ShouldBe(JobState.Succeeded);
        models.Calls.Count(call => StepFlows.AskedIn(call).StartsWith("Split", StringComparison.Ordinal)).ShouldBe(1);
    }
}

using System.Text;
using Headway.Access;
using Headway.Handlers;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Payloads.Files;
using Headway.Tests.Handlers.Http;
using Headway.Tests.Jobs;
using Headway.Upstream;
using Microsoft.AspNetCore.Http;

namespace Headway.Tests.Workflows;

public sealed class Steps_of_the_file_do_their_work
{
    [Fact]
    public async Task Prompts_that_see_the_input_and_what_came_before()
    {
        await using var models = await ModelUpstream.StartAsync(StepFlows.Says(asked => asked.StartsWith("Split", StringComparison.Ordinal) ? """{"clauses":["a","b"]}""" : "All is well."));
        await using var node = await StepFlows.StartAsync("""
            - split: { prompt: split.hbs, models: [fast], output: clauses.json }
            - report: { prompt: report.hbs, models: [fast] }
            """, models.BaseUrl);

        var job = await node.DoneAsync("""{"text":"a. b."}""");

        job.State.ShouldBe(JobState.Succeeded, job.Error?.Message);
        models.Calls.Select(StepFlows.AskedIn).ShouldBe(["Split: a. b.", "Report on [a][b] for a. b."]);
        (await node.ResultOfAsync(job.Id)).ShouldBe("All is well.");
        (await node.StepsOfAsync(job.Id)).ShouldBe(["step split succeeded", "step report succeeded"]);
        (await node.Engine.AttemptsAsync(Caller.Local, job.Id)).Single().Calls.Select(call => call.Model).ShouldBe(["fast", "fast"]);
        job.Usage.Usd.ShouldBe(2);
        (await node.AuditOfAsync(job.Id)).Count(action => action == "disclosed").ShouldBe(2);
    }

    [Fact]
    public async Task A_prompt_that_is_given_an_input_sees_that_alone()
    {
        await using var models = await ModelUpstream.StartAsync(StepFlows.Says(asked => asked));

        (await StepFlows.ResultAsync("""- say: { prompt: plain.hbs, models: [fast], input: { word: "so {{input.word}}!" } }""", """{"word":"be it"}""", models.BaseUrl)).ShouldBe("Plain so be it!");
    }

    [Fact]
    public async Task Jobs_of_another_feature_for_each_of_a_list_in_its_order()
    {
        await using var node = await StepFlows.StartAsync("""
            - assess: { each: "{{input.orders}}", feature: child, concurrency: 2 }
            """);

        var job = await node.DoneAsync("""{"orders":[{"number":3,"takes":50},{"number":1},{"number":2}]}""");

        (await node.ResultOfAsync(job.Id)).ShouldBe("[6,2,4]");
        (await node.StepsOfAsync(job.Id)).Order().ShouldBe(["call assess[1]/child succeeded", "call assess[2]/child succeeded", "call assess[3]/child succeeded"]);
    }

    [Fact]
    public async Task As_the_example_of_the_documentation_says()
    {
        var example = await File.ReadAllTextAsync(Repository.PathOf("docs/examples/headway.yaml"));
        var files = Directory.GetFiles(Repository.PathOf("docs/examples"), "*", SearchOption.AllDirectories).ToDictionary(file => Path.GetRelativePath(Repository.PathOf("docs/examples"), file), File.ReadAllText);
        await using var models = await ModelUpstream.StartAsync(StepFlows.Says(asked => asked switch
        {
            _ when asked.StartsWith("Split this contract", StringComparison.Ordinal) => """{"clauses":["No refunds.","Pay in gold."]}""",
            _ when asked.StartsWith("Say how much risk", StringComparison.Ordinal) => asked.Contains("gold", StringComparison.Ordinal) ? """{"risk":0.9,"why":"Gold."}""" : """{"risk":0.1,"why":"Usual."}""",
            _ => asked,
        }));
        var model = $"{{ provider: openai, baseUrl: \"{models.BaseUrl}\", model: gpt }}";
        var features = example[example.IndexOf("  contract-review:", StringComparison.Ordinal)..example.IndexOf("  risk-score:", StringComparison.Ordinal)];
        await using var node = await Node.StartAsync($"models: {{ fast: {model}, strong: {model} }}\nfeatures:\n{features}", _ => { }, files: files);
        var id = (await node.AcceptedAsync(node.Call("contract-review", """{"text":"No refunds. Pay in gold."}"""))).Id;
        await node.WaitsForAsync(id, "signal");

        await node.SignalAsync(id, "legal-approval");

        var job = await node.EndOfAsync(id);
        job.State.ShouldBe(JobState.Succeeded, job.Error?.Message);
        (await node.ResultOfAsync(id)).ShouldEndWith("""[{"risk":0.1,"why":"Usual."},{"risk":0.9,"why":"Gold."}]""");
    }

    [Fact]
    public async Task A_job_that_answers_with_prose() => (await StepFlows.ResultAsync("""
        - ask: { each: "{{input}}", feature: say }
        - all: { feature: echo, input: "{{steps.ask.0}} and {{steps.ask.1}}" }
        """, """["a","b"]""")).ShouldBe("I say a and I say b");

    [Fact]
    public async Task A_job_that_answers_with_null() => (await StepFlows.ResultAsync("- ask: { feature: nothing }")).ShouldBe("null");

    [Fact]
    public async Task Nothing_for_each_of_an_empty_list() => (await StepFlows.ResultAsync("""- assess: { each: "{{input}}", feature: child }""", "[]")).ShouldBe("[]");

    [Fact]
    public async Task A_job_that_is_given_values_and_not_their_texts() => (await StepFlows.ResultAsync("""
        - first: { feature: child, input: { number: "{{input.n}}" } }
        - second:
            feature: echo
            input: { sum: "{{steps.first}}", said: "twice {{steps.first}}", list: [1, true, null, "3", "{{input}}"], of: { "{{not}}": "{{input.list.0}}" } }
        """, """{"n":4,"list":["x"]}""")).ShouldBe("""{"sum":8,"said":"twice 8","list":[1,true,null,"3",{"n":4,"list":["x"]}],"of":{"{{not}}":"x"}}""");

    [Fact]
    public async Task A_service_that_knows_the_step_by_its_key()
    {
        var calls = 0;
        await using var service = await Service.StartAsync(async context =>
        {
            context.Response.StatusCode = Interlocked.Increment(ref calls) == 1 ? 500 : 200;
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync("""{"ok":true}""");
        });
        await using var node = await StepFlows.StartAsync($$$"""
            - ask:   { http: "{{{service.Url}}}", input: { name: "{{input.name}}" } }
            - again: { each: "{{input.list}}", http: "{{{service.Url}}}" }
            """);

        var job = await node.DoneAsync("""{"name":"Ada","list":[1]}""");

        job.State.ShouldBe(JobState.Succeeded, job.Error?.Message);
        (await node.ResultOfAsync(job.Id)).ShouldBe("""[{"ok":true}]""");
        service.Calls.Select(call => $"{call.Headers["Idempotency-Key"].Replace(job.Id.ToString(), "JOB", StringComparison.Ordinal)} {call.Headers["Headway-Attempt"]} {Encoding.UTF8.GetString(call.Body)}")
            .ShouldBe(["""JOB/ask 1 {"name":"Ada"}""", """JOB/ask 2 {"name":"Ada"}""", "JOB/again[1]/http 1 1"]);
        service.Calls.ShouldAllBe(call => call.Headers["Headway-Job"] == job.Id.ToString());
    }

    [Fact]
    public async Task A_service_that_says_not_yet_is_asked_again_and_no_try_is_counted()
    {
        var calls = 0;
        await using var service = await Service.StartAsync(async context =>
        {
            var first = Interlocked.Increment(ref calls) == 1;
            context.Response.StatusCode = first ? 202 : 200;
            if (first) context.Response.Headers.RetryAfter = "1";
            context.Response.ContentType = "text/plain";
            await context.Response.WriteAsync("now");
        });

        (await StepFlows.ResultAsync($"- ask: {{ http: \"{service.Url}\" }}", more: "retry: { attempts: 1 }")).ShouldBe("now");
        service.Calls.Select(call => call.Headers["Headway-Attempt"]).ShouldBe(["1", "1"]);
    }

    [Fact]
    public async Task With_the_files_of_the_job_where_they_are_asked_for()
    {
        await using var models = await ModelUpstream.StartAsync(StepFlows.Says(asked => asked));
        await using var node = await StepFlows.StartAsync("""
            - with:    { prompt: plain.hbs, models: [fast], files: true }
            - without: { prompt: plain.hbs, models: [fast] }
            """, models.BaseUrl, result: "\"{{steps.with}} {{steps.without}}\"");
        var id = JobId.New(DateTimeOffset.UtcNow);
        using var content = new MemoryStream("%PDF-1.7 leaflet"u8.ToArray());
        (await node.Engine.Files.TakeAsync(new FileArrival("default", null, id, 1, "leaflet", "leaflet.pdf", "application/pdf", 1_000), content, CancellationToken.None)).ShouldBeOfType<UploadOutcome.Stored>();
        var call = node.Call("flow");

        await node.AcceptedAsync(call with { Job = id, Input = new JobInput { MediaType = "multipart/form-data", Json = """{"word":"x"}"""u8.ToArray(), Files = node.Engine.Files.Of("default", id) } });

        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        models.Calls.Select(asked => asked.Body.Contains("leaflet.pdf", StringComparison.Ordinal)).ShouldBe([true, false]);
    }

    [Fact]
    public async Task Prompts_for_each_item()
    {
        await using var models = await ModelUpstream.StartAsync(StepFlows.Says(asked => asked));

        (await StepFlows.ResultAsync("""
            - judge: { each: "{{input.list}}", prompt: item.hbs, models: [fast], concurrency: 1 }
            """, """{"text":"T","list":["a",{"b":1}]}""", models.BaseUrl)).ShouldBe("""["Judge a of T","Judge {\"b\":1} of T"]""");
    }

    [Fact]
    public async Task Branches_side_by_side() => (await StepFlows.ResultAsync("""
        - start: { feature: child, input: { number: 1 } }
        - both:
            parallel:
              one:  { feature: child, input: { number: "{{steps.start}}" } }
              many:
                - a: { feature: child, input: { number: 5 } }
                - b: { feature: child, input: { number: "{{steps.a}}" } }
        - last: { feature: echo, input: "{{steps.both.many}} and {{steps.both.one}}" }
        """)).ShouldBe("20 and 4");

    [Fact]
    public async Task The_first_of_branches_and_the_others_are_cancelled()
    {
        await using var node = await StepFlows.StartAsync("""
            - first:
                race:
                  slow: { feature: child, input: { number: 1, takes: 60000 } }
                  word: { signal: word }
                  fails: { feature: child, input: { number: -1 } }
            """);
        var id = (await node.AcceptedAsync(node.Call("flow"))).Id;
        await node.WaitsForAsync(id, "signal");

        await node.SignalAsync(id, "word", """{"said":"stop"}""");

        var job = await node.EndOfAsync(id);
        job.State.ShouldBe(JobState.Succeeded, job.Error?.Message);
        (await node.ResultOfAsync(id)).ShouldBe("""{"won":"word","value":{"said":"stop"}}""");
        var children = (await node.Engine.ListAsync(Caller.Local, new JobFilter { Feature = "child", Limit = 10 })).Jobs;
        var ends = await Task.WhenAll(children.Select(child => node.EndOfAsync(child.Id)));
        ends.Select(child => child.State).Order().ShouldBe([JobState.Cancelled, JobState.Dead], ignoreOrder: true);
    }

    [Fact]
    public async Task A_delay_that_holds_nothing()
    {
        await using var node = await StepFlows.StartAsync("- rest: { delay: 1500ms }\n- say: { feature: echo, input: \"rested {{input.x}}\" }");
        var id = (await node.AcceptedAsync(node.Call("flow", """{"x":1}"""))).Id;

        (await node.WaitsForAsync(id, "timer")).WaitingFor!.Text.ShouldBe("Waits for the timer rest.");

        await node.EndOfAsync(id);
        (await node.ResultOfAsync(id)).ShouldBe("rested 1");
    }

    [Theory]
    [InlineData("", """{"v":"x"}""", "yes")]
    [InlineData("", """{"v":0}""", "no")]
    [InlineData("", """{"v":""}""", "no")]
    [InlineData("", """{"v":[]}""", "no")]
    [InlineData("", """{"v":false}""", "no")]
    [InlineData("", """{"v":{}}""", "yes")]
    [InlineData("", """{}""", "no")]
    [InlineData("is: urgent,", """{"v":"urgent"}""", "yes")]
    [InlineData("is: urgent,", """{"v":"calm"}""", "no")]
    [InlineData("is: [1, true],", """{"v":true}""", "yes")]
    [InlineData("is: [1, true],", """{"v":1}""", "yes")]
    [InlineData("above: 0.8,", """{"v":0.81}""", "yes")]
    [InlineData("above: 0.8,", """{"v":0.8}""", "no")]
    [InlineData("above: 1, below: 3,", """{"v":2}""", "yes")]
    [InlineData("above: 1, below: 3,", """{"v":3}""", "no")]
    public async Task One_way_or_the_other(string test, string input, string way) => (await StepFlows.ResultAsync($$$"""
        - fork: { when: "{{input.v}}", {{{test}}} then: [ a: { feature: echo, input: "yes" } ], otherwise: [ b: { feature: echo, input: "no" } ] }
        """, input)).ShouldBe(way);

    [Fact]
    public async Task With_names_of_several_words()
    {
        await using var models = await ModelUpstream.StartAsync(StepFlows.Says(asked => asked));

        (await StepFlows.ResultAsync("""
            - first-one: { feature: child, input: { number: 1 } }
            - in-words: { feature: echo, input: { said-so: "It is {{steps.first-one}}." } }
            - a-letter: { prompt: words.hbs, models: [fast] }
            """, models: models.BaseUrl)).ShouldBe("Dear It is 2.!");
    }

    [Fact]
    public async Task For_a_caller_who_waits()
    {
        var file = StepFlows.File("- twice: { feature: child, input: { number: \"{{input.number}}\" } }").Replace("mode: async, caller: leaves, deliverWithin: 30d", "mode: hybrid, wait: 20s, deliverWithin: 30d", StringComparison.Ordinal);
        await using var node = await Node.StartAsync(file, StepFlows.Children, files: StepFlows.Files);

        var answer = (await node.CallAsync("flow", """{"number":21}""")).ShouldBeOfType<Answer.Done>();

        Node.Text(answer.Result).ShouldBe("42");
    }

    [Fact]
    public async Task With_all_steps_that_have_ended_as_one_value() => (await StepFlows.ResultAsync("""
        - a: { feature: child, input: { number: 1 } }
        - b: { feature: echo, input: "{{steps}}" }
        - c: { feature: echo, input: "{{#each steps.b}}{{@key}}={{this}} {{/each}}of {{steps.a}}" }
        """)).ShouldBe("a=2 of 2");

    [Fact]
    public async Task Nothing_where_no_way_is_said() => (await StepFlows.ResultAsync("""- fork: { when: "{{input.v}}", then: [ a: { delay: 1ms } ] }""")).ShouldBe("null");

    [Fact]
    public async Task And_the_file_says_what_the_answer_is_made_of() => (await StepFlows.ResultAsync("""
        - one: { feature: child, input: { number: 1 } }
        - two: { feature: child, input: { number: 2 } }
        """, """{"who":"Ada"}""", result: """{ of: "for {{input.who}}", sums: ["{{steps.one}}", "{{steps.two}}"] }""")).ShouldBe("""{"of":"for Ada","sums":[2,4]}""");
}

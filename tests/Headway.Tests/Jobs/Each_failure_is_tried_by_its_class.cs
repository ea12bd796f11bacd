using Headway.Access;
using Headway.Jobs;
using Headway.Upstream;
using Headway.Upstream.Failing;

namespace Headway.Tests.Jobs;

public sealed class Each_failure_is_tried_by_its_class
{
    private const string Retry = """
        retry:
          attempts: 2
          backoff: 1ms..2ms
          rateLimited: { attempts: 5, backoff: 1ms..2ms }
          unavailable: { attempts: 4 }
          timeout: { attempts: 3, backoff: 1ms..2ms }
          invalidOutput: { attempts: 3 }
          bug: { attempts: 1 }
        """;

    private static readonly Dictionary<string, string> Files = new()
    {
        ["ask.hbs"] = "Answer: {{q}}",
        ["yes.json"] = """{"type":"object","properties":{"yes":{"type":"boolean"}},"required":["yes"],"additionalProperties":false}""",
    };

    private static readonly Script Limited = Scripts.Whole(429, "application/json", """{"error":{"message":"slow down","type":"requests","code":"rate_limit_exceeded"}}""", ("Retry-After", "0"));
    private static readonly Script Down = Scripts.Whole(503, "application/json", """{"error":{"message":"overloaded"}}""", ("Retry-After", "0"));

    private static string Features(ModelUpstream upstream, string models, string retry, string timeout = "20s") => $$"""
        models:
          fast: { provider: openai, baseUrl: "{{upstream.BaseUrl}}", model: small }
          strong: { provider: openai, baseUrl: "{{upstream.BaseUrl}}", model: large }
        features:
          ask:
            contract: { mode: async, caller: leaves, deliverWithin: 1m }
            handler: { prompt: ask.hbs, models: {{models}}, output: yes.json }
            timeout: {{timeout}}
            {{retry.ReplaceLineEndings("\n    ")}}
          code: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retry: { bug: { attempts: 1 }, unavailable: { attempts: 3, backoff: 1ms..1ms } } }
        """;

    [Fact]
    public async Task A_limit_of_the_model_does_not_use_up_the_attempts_of_other_failures()
    {
        // Three calls in each of three attempts, then one attempt that is not valid.
        await using var upstream = await ModelUpstream.StartAsync([.. Enumerable.Repeat(Limited, 9), .. Enumerable.Repeat(Says("no"), 3), Says("""{"yes":true}""")]);
        await using var node = await StartAsync(upstream, "[fast]");

        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("ask", """{"q":"?"}"""))).Id);

        job.State.ShouldBe(JobState.Succeeded);
        var failed = (await node.Engine.AttemptsAsync(Caller.Local, job.Id)).Where(attempt => attempt.Outcome == "failed").Select(attempt => attempt.Failure!.Kind).ToList();
        failed.Take(3).ShouldBe([FailureKind.RateLimited, FailureKind.RateLimited, FailureKind.RateLimited]);
        failed.ShouldContain(FailureKind.InvalidOutput);
    }

    [Fact]
    public async Task A_model_that_answers_429_for_ever_is_given_up_after_the_attempts_of_that_class()
    {
        await using var upstream = await ModelUpstream.StartAsync(Limited);
        await using var node = await StartAsync(upstream, "[fast]");

        await DiesAsync(node, "ask", "rate-limited", attempts: 5);
    }

    [Fact]
    public async Task A_model_that_is_down_is_given_up_after_the_attempts_of_that_class()
    {
        await using var upstream = await ModelUpstream.StartAsync(Down);
        await using var node = await StartAsync(upstream, "[fast]", timeout: "500ms");

        await DiesAsync(node, "ask", "unavailable", attempts: 4);
    }

    [Fact]
    public async Task A_model_that_is_silent_is_given_up_after_the_attempts_of_that_class()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Silence());
        await using var node = await StartAsync(upstream, "[fast]", timeout: "100ms");

        await DiesAsync(node, "ask", "timeout", attempts: 3);
    }

    [Fact]
    public async Task An_answer_that_is_not_valid_is_given_up_after_the_attempts_of_that_class()
    {
        await using var upstream = await ModelUpstream.StartAsync(Says("no"));
        await using var node = await StartAsync(upstream, "[fast]");

        var job = await DiesAsync(node, "ask", "invalid-output", attempts: 3);

        job.Error!.Fingerprint.ShouldContain("fast");
    }

    [Fact]
    public async Task Code_that_throws_is_not_tried_again_where_the_file_says_so()
    {
        await using var upstream = await ModelUpstream.StartAsync(Down);
        await using var node = await StartAsync(upstream, "[fast]");

        await DiesAsync(node, "code", "bug", attempts: 1, """{"id":"throw"}""");
        await DiesAsync(node, "code", "unavailable", attempts: 3, """{"id":"later"}""");
    }

    [Fact]
    public async Task The_attempt_from_which_a_stronger_model_is_asked_begins_with_it_and_not_because_of_limits()
    {
        await using var upstream = await ModelUpstream.StartAsync(Says("no"));
        await using var node = await Node.StartAsync(Features(upstream, "[fast, strong]", "retry: { attempts: 3, backoff: 1ms..1ms, strongerFrom: 3 }"), Code, files: Files);

        await DiesAsync(node, "ask", "invalid-output", attempts: 3);

        var attempts = await node.Engine.AttemptsAsync(Caller.Local, (await node.Engine.ListAsync(Caller.Local, new JobFilter())).Jobs.Single().Id);
        attempts.Select(attempt => attempt.Calls[0].Model).ShouldBe(["fast", "fast", "strong"]);
        attempts[^1].Calls.ShouldAllBe(call => call.Model == "strong");
    }

    [Fact]
    public async Task A_stronger_model_is_asked_anew_in_its_own_words()
    {
        string? refused = null;
        var strongCalls = 0;
        await using var upstream = await ModelUpstream.StartAsync(async context =>
        {
            using var body = System.Text.Json.JsonDocument.Parse(((UpstreamCall)context.Items[typeof(UpstreamCall)]!).Body);
            var root = body.RootElement;
            var limit = root.TryGetProperty("max_tokens", out _) ? "max_tokens" : "max_completion_tokens";
            var strong = root.GetProperty("model").GetString() == "large";
            // In the first attempt it is down. Then it knows one of the two names of the limit, and not the one that it is asked with first.
            var down = strong && Interlocked.Increment(ref strongCalls) <= 3;
            var objects = strong && !down && limit == (refused ??= limit);
            var script = down ? Scripts.Whole(503, "application/json", """{"error":{"message":"overloaded"}}""") : objects ? Scripts.Whole(400, "application/json", $$$"""{"error":{"message":"Unsupported parameter: '{{{limit}}}'","type":"invalid_request_error","param":"{{{limit}}}","code":"unsupported_parameter"}}""")
                : Says(strong ? """{"yes":true}""" : "no");
            await script(context);
        });
        await using var node = await Node.StartAsync(Features(upstream, "[fast, strong]", "retry: { attempts: 3, backoff: 1ms..1ms, strongerFrom: 2 }").Replace("output: yes.json", "output: yes.json, maxTokens: 200", StringComparison.Ordinal), Code, files: Files);

        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("ask", """{"q":"?"}"""))).Id);

        (job.State, job.Model, refused is null).ShouldBe((JobState.Succeeded, "strong", false));
        (await node.Engine.AttemptsAsync(Caller.Local, job.Id))[^1].Calls.Select(call => call.Model).Distinct().ShouldBe(["strong"]);
    }

    [Fact]
    public async Task A_pause_that_the_model_asks_for_and_the_deadline_does_not_leave_ends_the_job_now_and_says_why()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Whole(429, "application/json", """{"error":{"message":"quota"}}""", ("Retry-After", "3600")));
        await using var node = await StartAsync(upstream, "[fast]");

        var accepted = await node.AcceptedAsync(node.Call("ask", """{"q":"?"}""") with { Deadline = DateTimeOffset.UtcNow.AddMinutes(10) });
        var job = await node.EndOfAsync(accepted.Id);

        (job.State, job.Error!.Code).ShouldBe((JobState.Dead, "expired"));
        job.Error.Message.ShouldContain("model-rate-limited");
        (job.Finished - job.Created).ShouldNotBeNull().ShouldBeLessThan(TimeSpan.FromMinutes(1));
        (await node.Engine.AttemptsAsync(Caller.Local, job.Id)).Single().Failure!.Code.ShouldBe("model-rate-limited");
    }

    private static Task<Node> StartAsync(ModelUpstream upstream, string models, string retry = Retry, string timeout = "20s") =>
        Node.StartAsync(Features(upstream, models, retry, timeout), Code, files: Files);

    private static void Code(Headway.Handlers.Code.CodeHandlers code) => code.Add<Order, FeatureResult<Order>>("code", (order, _, _) => order.Id switch
    {
        "throw" => throw new InvalidDataException("broken"),
        _ => Task.FromResult<FeatureResult<Order>>(FeatureResult.RetryAfter(TimeSpan.Zero, "registry-down", "The registry is down.")),
    });

    private static Script Says(string text) => Scripts.Whole(200, "application/json",
        new OpenAiDialect().Whole(new Reply("small"), text, Finish.Stop, new Tokens(40, 10)));

    private static async Task<Job> DiesAsync(Node node, string feature, string kind, int attempts, string input = """{"q":"?"}""")
    {
        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call(feature, input))).Id);
        (job.State, Headway.Features.Words.Of(job.Error!.Kind), job.Attempt).ShouldBe((JobState.Dead, kind, attempts));
        return job;
    }
}

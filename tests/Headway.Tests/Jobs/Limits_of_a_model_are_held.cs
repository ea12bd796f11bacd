using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Upstream;

namespace Headway.Tests.Jobs;

public sealed class Limits_of_a_model_are_held
{
    private const int Callers = 100;

    [Fact]
    public async Task Among_a_hundred_callers_by_the_minute_and_at_once_and_by_a_node_that_follows_a_killed_one()
    {
        var (now, most, eight) = (0, 0, new TaskCompletionSource());
        await using var upstream = await ModelUpstream.StartAsync(async context =>
        {
            var open = Interlocked.Increment(ref now);
            for (var seen = Volatile.Read(ref most); open > seen; seen = Volatile.Read(ref most)) Interlocked.CompareExchange(ref most, open, seen);
            if (open == 8) eight.TrySetResult();
            await eight.Task;
            // The caller may go on as soon as it has read the end.
            Interlocked.Decrement(ref now);
            await Scripts.Events(Scripts.Fixture("openai/stream"))(context);
        });
        await using var node = await StartAsync(upstream, "{ requestsPerMinute: 20, concurrency: 8 }");

        var answers = await Task.WhenAll(Enumerable.Range(0, Callers).Select(i => Task.Run(() => node.CallAsync("ask", $$"""{"n":"{{i}}"}"""))));

        answers.OfType<Answer.Done>().Count().ShouldBe(20);
        var failed = answers.OfType<Answer.Failed>().ToList();
        failed.Count.ShouldBe(Callers - 20);
        failed.ShouldAllBe(answer => answer.Failure.Code == "model-limit" && answer.Failure.RetryAfter > TimeSpan.FromSeconds(10));
        upstream.Calls.Count.ShouldBe(20);
        most.ShouldBe(8);

        // What is on disk in this moment is all that is left of a process that is killed.
        await using var next = await node.AfterKillAsync();
        (await next.CallAsync("ask", """{"n":"x"}""")).ShouldBeOfType<Answer.Failed>().Failure.Code.ShouldBe("model-limit");
        upstream.Calls.Count.ShouldBe(20);
    }

    [Fact]
    public async Task Slots_of_a_killed_node_are_free_again_when_the_database_is_opened()
    {
        var go = new TaskCompletionSource();
        await using var upstream = await ModelUpstream.StartAsync(Scripts.StallAfter("", go.Task, Scripts.Fixture("openai/stream")));
        await using var node = await StartAsync(upstream, "{ concurrency: 2 }");
        var held = Enumerable.Range(0, 2).Select(_ => node.CallAsync("ask", """{"n":"x"}""")).ToList();
        await upstream.ArrivedAsync(2);

        await using var next = await node.AfterKillAsync();
        var taken = Enumerable.Range(0, 2).Select(_ => next.CallAsync("ask", """{"n":"x"}""")).ToList();
        await upstream.ArrivedAsync(4);

        go.SetResult();
        (await Task.WhenAll([.. held, .. taken])).ShouldAllBe(answer => answer is Answer.Done);
    }

    [Fact]
    public async Task A_job_that_waits_for_one_runs_and_says_for_what()
    {
        await using var upstream = await ModelUpstream.StartAsync(Scripts.Events(Scripts.Fixture("openai/stream")));
        await using var node = await StartAsync(upstream, "{ requestsPerMinute: 1 }");
        var first = await node.AcceptedAsync(node.Call("later", """{"n":"1"}"""));
        (await node.EndOfAsync(first.Id)).State.ShouldBe(JobState.Succeeded);
        var second = await node.AcceptedAsync(node.Call("later", """{"n":"2"}"""));

        Job waiting;
        while ((waiting = (await node.Engine.FindAsync(Caller.Local, second.Id))!) is { WaitingFor: not { Code: "model-limit" } }) await Task.Yield();

        waiting.State.ShouldBe(JobState.Running);
        waiting.WaitingFor!.Text.ShouldStartWith("The limit of 1 requests a minute of model fast; about ");
        waiting.WaitingFor.Until.ShouldNotBeNull();
        upstream.Calls.Count.ShouldBe(1);
        (await node.AuditOfAsync(second.Id)).ShouldNotContain("disclosed");
        (await node.Engine.CancelAsync(Caller.Local, second.Id, CancellationToken.None))!.WaitingFor.ShouldBeNull();
    }

    private static async Task<Node> StartAsync(ModelUpstream upstream, string limits) => await Node.StartAsync(
        $$"""
        models:
          fast: { provider: openai, baseUrl: {{upstream.BaseUrl}}, model: m, limits: {{limits}}, timeouts: { firstToken: 5m, idle: 5m } }
        features:
          ask: { contract: { mode: sync, caller: waits }, handler: { prompt: ask.hbs, models: [fast] }, fallback: none, timeout: 30s, pool: { concurrency: 100, queue: 100 } }
          later: { contract: { mode: async, caller: leaves, deliverWithin: 10m }, handler: { prompt: ask.hbs, models: [fast] }, timeout: 5m }
        """,
        _ => { }, files: new Dictionary<string, string> { ["ask.hbs"] = "Answer: {{n}}" });
}

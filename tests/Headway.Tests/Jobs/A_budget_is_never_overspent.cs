using System.Text.Json;
using Headway.Access;
using Headway.Budgets;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Tests.Storage;
using Microsoft.Extensions.AI;

namespace Headway.Tests.Jobs;

public sealed class A_budget_is_never_overspent
{
    private const decimal Limit = 1.00m;

    // One call may cost up to about eight cents, and costs about a tenth of it.
    private const string Features = """
        models:
          fast: { provider: rehearsal, firstToken: { p50: 1ms, p99: 3ms }, tokensPerSecond: 1000000, price: { input: 80, output: 200 }, failures: { unavailable: 15%, cutStream: 15%, empty: 10% } }
          strong: { provider: rehearsal, firstToken: { p50: 1ms, p99: 3ms }, tokensPerSecond: 1000000, price: { input: 80, output: 240 }, failures: { cutStream: 20% } }
        features:
          ask: { contract: { mode: sync, caller: waits }, handler: { prompt: ask.hbs, models: [fast, strong], maxTokens: 300 }, pool: { concurrency: 64, queue: 500 }, timeout: 60s }
          later: { contract: { mode: async, caller: leaves, deliverWithin: 5m }, handler: { prompt: ask.hbs, models: [fast, strong], maxTokens: 300 }, pool: { concurrency: 64 }, retry: { attempts: 3, backoff: 10ms..20ms } }
          code: { contract: { mode: sync, caller: waits }, handler: code, timeout: 60s }
        tenants: { default: { budget: { usdPerMonth: 1 } } }
        """;

    [Fact]
    public async Task By_two_hundred_callers_with_retries_and_failovers_and_one_dollar_left()
    {
        await using var node = await StartAsync();
        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => node.CallAsync(i % 2 == 0 ? "ask" : "later", $$"""{"n":"Question {{i}} about the wound."}"""))));
        foreach (var accepted in answers.OfType<Answer.Accepted>()) await node.EndOfAsync(accepted.Job.Id);
        Answer last;
        var more = 0;
        do last = await node.CallAsync("ask", $$"""{"n":"Once more {{more}}."}""");
        while (++more < 3_000 && last is not Answer.Refused);

        var (spent, reserved) = await LedgerOfAsync(node);
        spent.ShouldBeLessThanOrEqualTo(Limit);
        spent.ShouldBeGreaterThan(Limit - 0.15m);
        reserved.ShouldBe(0);
        Number(node, "SELECT sum(nano_usd) FROM model_calls").ShouldBe(Money.ToNano(spent));
        Number(node, "SELECT sum(nano_usd) FROM jobs").ShouldBe(Money.ToNano(spent));
        Number(node, "SELECT count(*) FROM reservations").ShouldBe(0);
        var refusal = last.ShouldBeOfType<Answer.Refused>().Refusal;
        (refusal.Code, refusal.Kind).ShouldBe(("budget-exhausted", RefusalKind.Limited));
        refusal.Message.ShouldContain("tenant:default/month");
        refusal.RetryAfter.ShouldNotBeNull();
    }

    [Fact]
    public async Task By_code_that_asks_again_and_again()
    {
        await using var node = await StartAsync(async context =>
        {
            using var model = context.Model("strong");
            while (true) await model.GetResponseAsync("Tell me of the wound.", new() { MaxOutputTokens = 500 });
        });

        var failed = (await node.CallAsync("code")).ShouldBeOfType<Answer.Failed>();

        failed.Failure.Code.ShouldBe("budget-exhausted");
        failed.Failure.RetryAfter.ShouldNotBeNull().ShouldBeGreaterThan(TimeSpan.Zero);
        var (spent, reserved) = await LedgerOfAsync(node);
        spent.ShouldBeLessThanOrEqualTo(Limit);
        spent.ShouldBeGreaterThan(Limit - 0.15m);
        reserved.ShouldBe(0);
    }

    [Fact]
    public async Task And_what_is_held_for_a_cancelled_job_comes_back_when_its_attempt_has_stopped()
    {
        var (begun, stopped) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var node = await StartAsync(async context =>
        {
            using var model = context.Model("strong");
            await model.GetResponseAsync("Tell me of the wound.", new() { MaxOutputTokens = 500 });
            begun.TrySetResult();
            await stopped.Task;
        });
        var call = node.CallAsync("code");
        await begun.Task;
        var (before, held) = await LedgerOfAsync(node);
        held.ShouldBeGreaterThan(0);
        before.ShouldBe(0);

        var job = (await node.Engine.ListAsync(Caller.Local, new JobFilter())).Jobs.ShouldHaveSingleItem();
        await node.Engine.CancelAsync(Caller.Local, job.Id, CancellationToken.None);
        (await LedgerOfAsync(node)).Reserved.ShouldBe(held);
        stopped.SetResult();
        await call;

        while ((await LedgerOfAsync(node)).Reserved != 0) await Task.Yield();
        (await LedgerOfAsync(node)).Spent.ShouldBeGreaterThan(0);
        Number(node, "SELECT sum(nano_usd) FROM jobs").ShouldBe(Number(node, "SELECT spent FROM budgets"));
    }

    private static async Task<Node> StartAsync(Func<FeatureContext, Task>? code = null) => await Node.StartAsync(
        Features, works => works.Add("code", async (JsonElement _, FeatureContext context, CancellationToken _) =>
        {
            await code!(context);
            return "done";
        }), files: new Dictionary<string, string> { ["ask.hbs"] = "Answer: {{n}}" });

    private static async Task<(decimal Spent, decimal Reserved)> LedgerOfAsync(Node node)
    {
        await node.Engine.ListAsync(Caller.Local, new JobFilter());
        return (Money.ToUsd(Number(node, "SELECT sum(spent) FROM budgets")), Money.ToUsd(Number(node, "SELECT sum(reserved) FROM budgets")));
    }

    private static long Number(Node node, string sql) => node.Engine.Database.Read(session =>
    {
        using var read = session.Prepare(sql);
        read.Step();
        return read.Int64OrNull(0) ?? 0;
    });
}

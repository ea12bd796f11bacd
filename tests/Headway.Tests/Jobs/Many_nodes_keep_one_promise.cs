using Headway.Budgets;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;
using Headway.Upstream;

namespace Headway.Tests.Jobs;

/// <summary>What is promised once is kept by all nodes of a PostgreSQL database together: a key makes one job, a budget and a model's limits are not passed.</summary>
public sealed class Many_nodes_keep_one_promise
{
    private readonly Steering _code = new();

    [Theory]
    [InlineData("later")]
    [InlineData("maybe")]
    public async Task Of_a_hundred_identical_calls_at_once_one_job_is_made_and_all_learn_of_it(string feature)
    {
        await using var nodes = new ManyNodes(
            """
            features:
              later:  { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }
              maybe:  { contract: { mode: hybrid, wait: 15s, caller: waits, deliverWithin: 1m }, handler: code }
            """);
        var two = await Task.WhenAll(StartAsync(), StartAsync());

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(() => two[i % 2].Engine.CallAsync(two[i % 2].Call(feature) with { IdempotencyKey = "k" }, CancellationToken.None))));

        var id = answers.Select(answer => answer switch { Answer.Accepted accepted => accepted.Job.Id, Answer.Done done => done.Job.Id, _ => default }).Distinct().ShouldHaveSingleItem();
        if (feature == "maybe") answers.Select(Body).Distinct().ShouldBe(["""{"id":"a"}"""]);
        (await two[0].EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        _code.Begun.Count.ShouldBe(1);
        (await nodes.NumberAsync("SELECT count(*) FROM jobs WHERE state <> 8")).ShouldBe(1);

        Task<OneNode> StartAsync() => nodes.StartAsync(code =>
        {
            code.Add<Order, Order>("later", _code.WorkAsync);
            code.Add<Order, Order>("maybe", _code.WorkAsync);
        });
    }

    private static string Body(Answer answer) => Node.Text(answer.ShouldBeOfType<Answer.Done>().Result);

    [Fact]
    public async Task A_budget_is_never_overspent_by_two_of_them()
    {
        await using var nodes = new ManyNodes(
            """
            models:
              fast: { provider: rehearsal, firstToken: { p50: 1ms, p99: 3ms }, tokensPerSecond: 1000000, price: { input: 80, output: 200 }, failures: { unavailable: 15%, cutStream: 15% } }
              strong: { provider: rehearsal, firstToken: { p50: 1ms, p99: 3ms }, tokensPerSecond: 1000000, price: { input: 80, output: 240 } }
            features:
              ask: { contract: { mode: sync, caller: waits }, handler: { prompt: ask.hbs, models: [fast, strong], maxTokens: 300 }, pool: { concurrency: 32, queue: 500 }, timeout: 60s }
              later: { contract: { mode: async, caller: leaves, deliverWithin: 5m }, handler: { prompt: ask.hbs, models: [fast, strong], maxTokens: 300 }, pool: { concurrency: 32 }, retry: { attempts: 3, backoff: 10ms..20ms } }
            tenants: { default: { budget: { usdPerMonth: 1 } } }
            """, Prompt);
        OneNode[] two = [await nodes.StartAsync(), await nodes.StartAsync()];

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => two[i / 2 % 2].CallAsync(i % 2 == 0 ? "ask" : "later", $$"""{"n":"Question {{i}} about the wound."}"""))));
        foreach (var accepted in answers.OfType<Answer.Accepted>()) await two[0].EndOfAsync(accepted.Job.Id);
        Answer last;
        var more = 0;
        do last = await two[more % 2].CallAsync("ask", $$"""{"n":"Once more {{more}}."}""");
        while (++more < 3_000 && last is not Answer.Refused);

        last.ShouldBeOfType<Answer.Refused>().Refusal.Code.ShouldBe("budget-exhausted");
        var spent = Money.ToUsd(await nodes.NumberAsync("SELECT sum(spent)::bigint FROM budgets"));
        spent.ShouldBeLessThanOrEqualTo(1.00m);
        spent.ShouldBeGreaterThan(0.85m);
        (await nodes.NumberAsync("SELECT sum(reserved)::bigint FROM budgets")).ShouldBe(0);
        (await nodes.NumberAsync("SELECT count(*) FROM reservations")).ShouldBe(0);
        (await nodes.NumberAsync("SELECT sum(nano_usd)::bigint FROM model_calls")).ShouldBe(Money.ToNano(spent));
    }

    [Fact]
    public async Task A_models_limits_are_held_by_three_of_them_together()
    {
        const int limit = 6;
        var (now, most) = (0, 0);
        await using var upstream = await ModelUpstream.StartAsync(async context =>
        {
            var open = Interlocked.Increment(ref now);
            for (var seen = Volatile.Read(ref most); open > seen; seen = Volatile.Read(ref most)) Interlocked.CompareExchange(ref most, open, seen);
            // The caller may go on as soon as it has read the end.
            await Task.Yield();
            Interlocked.Decrement(ref now);
            await Scripts.Events(Scripts.Fixture("openai/stream"))(context);
        });
        await using var nodes = new ManyNodes(
            $$"""
            models:
              fast: { provider: openai, baseUrl: {{upstream.BaseUrl}}, model: m, limits: { requestsPerMinute: 60, concurrency: {{limit}} }, timeouts: { firstToken: 5m, idle: 5m } }
            features:
              ask: { contract: { mode: sync, caller: waits }, handler: { prompt: ask.hbs, models: [fast] }, fallback: none, timeout: 20s, pool: { concurrency: 100, queue: 100 } }
            """, Prompt);
        OneNode[] three = [await nodes.StartAsync(), await nodes.StartAsync(), await nodes.StartAsync()];

        var answers = await Task.WhenAll(Enumerable.Range(0, 120).Select(i => Task.Run(() => three[i % 3].CallAsync("ask", $$"""{"n":"{{i}}"}"""))));

        most.ShouldBeLessThanOrEqualTo(limit);
        upstream.Calls.Count.ShouldBeLessThanOrEqualTo(60);
        // What one node was granted and did not need, the others may not have got in time.
        upstream.Calls.Count.ShouldBeGreaterThan(40);
        answers.OfType<Answer.Done>().Count().ShouldBe(upstream.Calls.Count);
        answers.OfType<Answer.Failed>().ShouldAllBe(answer => answer.Failure.Code == "model-limit");
    }

    [Fact]
    public async Task A_queue_that_two_of_them_fill_is_full_for_both()
    {
        const int cap = 40;
        await using var nodes = new ManyNodes(
            $$"""
            features:
              later: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, pool: { concurrency: 1, queued: {{cap}} } }
            """);
        OneNode[] two = [await StartAsync(), await StartAsync()];

        var answers = await Task.WhenAll(Enumerable.Range(0, 200).Select(i => Task.Run(() => two[i % 2].CallAsync("later"))));

        var accepted = answers.OfType<Answer.Accepted>().Count();
        // Each may fill what it found free in the same second.
        foreach (var node in two)
        {
            Answer answer;
            while ((answer = await node.CallAsync("later")) is Answer.Accepted) accepted++;
            answer.ShouldBeOfType<Answer.Refused>().Refusal.Code.ShouldBe("queue-full");
        }
        accepted.ShouldBeInRange(cap, cap * 2);
        (await nodes.NumberAsync("SELECT count(*) FROM queue")).ShouldBe(accepted);

        Task<OneNode> StartAsync() => nodes.StartAsync(code => code.Add<Order, Order>("later", _code.WorkAsync), NodeDuty.Parse("api", null));
    }

    private static readonly Dictionary<string, string> Prompt = new() { ["ask.hbs"] = "Answer: {{n}}" };
}

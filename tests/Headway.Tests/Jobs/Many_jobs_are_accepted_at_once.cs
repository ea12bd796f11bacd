using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;
using Headway.Tests.Storage;

namespace Headway.Tests.Jobs;

public sealed class Many_jobs_are_accepted_at_once
{
    private const string Features = """
        models:
          fast: { provider: rehearsal, firstToken: { p50: 1ms, p99: 3ms }, tokensPerSecond: 1000000, price: { input: 80, output: 200 } }
        features:
          later:  { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: code, pool: { concurrency: 1, queued: 1000 } }
          narrow: { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: code, pool: { concurrency: 1, queued: 5 } }
          kept:   { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: code, cache: { for: 1h } }
          quick:  { contract: { mode: hybrid, wait: 10s, caller: waits, deliverWithin: 1h }, handler: code, cache: { for: 1h } }
          dear:   { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: { prompt: ask.hbs, models: [fast], maxTokens: 300 }, budget: { usdPerMonth: 0.2 } }
        """;

    private readonly Steering _code = new();

    private Task<Node> StartAsync() => Node.StartAsync(Features, code =>
    {
        foreach (var feature in new[] { "later", "narrow", "kept", "quick" }) code.Add<Order, Order>(feature, _code.WorkAsync);
    }, files: new Dictionary<string, string> { ["ask.hbs"] = "Answer: {{n}}" });

    private static Task<IReadOnlyList<Verdict>> SubmitAsync(Node node, IEnumerable<Call> calls) => node.Engine.SubmitAsync([.. calls], CancellationToken.None);

    private static Call Order(Node node, string feature, string id) => node.Call(feature, $$"""{"id":"{{id}}"}""");

    [Fact]
    public async Task Each_with_its_own_verdict_and_run_once_in_the_order_of_the_lines()
    {
        await using var node = await StartAsync();

        var verdicts = await SubmitAsync(node, Enumerable.Range(0, 400).Select(i => Order(node, "later", $"{i}") with { Subject = $"thing/{i % 7}" }));

        verdicts.Select(verdict => verdict.Job).Distinct().Count().ShouldBe(400);
        verdicts.ShouldAllBe(verdict => verdict.Refusal == null && verdict.How == Submission.New);
        foreach (var verdict in verdicts) (await node.EndOfAsync(verdict.Job!.Value)).State.ShouldBe(JobState.Succeeded);
        _code.Begun.ShouldBe(Enumerable.Range(0, 400).Select(i => $"{i}"));
        (await node.ResultOfAsync(verdicts[399].Job!.Value)).ShouldContain("399");
        (await node.AuditOfAsync(verdicts[17].Job!.Value)).ShouldBe(["submitted", "started", "completed"]);
        node.Number("SELECT count(*) FROM audit_events WHERE action = 'submitted'").ShouldBe(400);
    }

    [Fact]
    public async Task A_key_has_one_job_whether_it_came_before_or_twice_in_the_same_lines()
    {
        await using var node = await StartAsync();
        var earlier = await node.AcceptedAsync(Order(node, "later", "a") with { IdempotencyKey = "k0" });

        var verdicts = await SubmitAsync(node,
        [
            Order(node, "later", "a") with { IdempotencyKey = "k0" },
            Order(node, "later", "b") with { IdempotencyKey = "k1" },
            Order(node, "later", "b") with { IdempotencyKey = "k1" },
            Order(node, "later", "c") with { IdempotencyKey = "k1" },
            Order(node, "later", "d") with { IdempotencyKey = "k0" },
            Order(node, "later", "e"),
        ]);

        verdicts.Select(verdict => verdict.How).Take(3).ShouldBe([Submission.Existing, Submission.New, Submission.Existing]);
        verdicts[0].Job.ShouldBe(earlier.Id);
        verdicts[2].Job.ShouldBe(verdicts[1].Job);
        verdicts.Skip(3).Select(verdict => verdict.Refusal?.Code).ShouldBe(["idempotency-mismatch", "idempotency-mismatch", null]);
        var again = await SubmitAsync(node, [Order(node, "later", "b") with { IdempotencyKey = "k1" }]);
        again[0].ShouldBe(new Verdict(verdicts[1].Job, Submission.Existing));
        node.Number("SELECT count(*) FROM jobs").ShouldBe(3);
    }

    [Fact]
    public async Task A_full_queue_takes_those_that_come_first_and_tells_the_others_when_to_come()
    {
        _code.Blocks = true;
        await using var node = await StartAsync();

        var verdicts = await SubmitAsync(node, Enumerable.Range(0, 8).Select(i => Order(node, "narrow", $"{i}")));

        verdicts.Select(verdict => verdict.Refusal?.Code).ShouldBe([null, null, null, null, null, "queue-full", "queue-full", "queue-full"]);
        verdicts[5].Refusal!.RetryAfter.ShouldNotBeNull();
        node.Number("SELECT count(*) FROM jobs").ShouldBe(5);
        // The refusals are told to the audit trail as of any call.
        await node.RestartAsync();
        node.Number("SELECT count(*) FROM audit_events WHERE action = 'refused'").ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task A_budget_takes_what_it_has_room_for_and_holds_nothing_for_the_others()
    {
        await using var node = await StartAsync();

        var verdicts = await SubmitAsync(node, Enumerable.Range(0, 9).Select(i => node.Call("dear", $$"""{"n":"{{i}}"}""")));

        var taken = verdicts.Where(verdict => verdict.Job is not null).ToList();
        taken.Count.ShouldBeInRange(1, 8);
        verdicts.Where(verdict => verdict.Job is null).ShouldAllBe(verdict => verdict.Refusal!.Code == "budget-exhausted");
        foreach (var verdict in taken) await node.EndOfAsync(verdict.Job!.Value);
        node.Number("SELECT count(*) FROM reservations").ShouldBe(0);
        node.Number("SELECT sum(reserved) FROM budgets").ShouldBe(0);
    }

    [Fact]
    public async Task An_answer_that_is_kept_is_given_again_to_its_line()
    {
        await using var node = await StartAsync();
        var first = await node.AcceptedAsync(Order(node, "kept", "a"));
        await node.EndOfAsync(first.Id);

        var verdicts = await SubmitAsync(node, [Order(node, "kept", "b"), Order(node, "kept", "a")]);

        (await node.EndOfAsync(verdicts[1].Job!.Value)).CachedFrom.ShouldBe(first.Id);
        (await node.EndOfAsync(verdicts[0].Job!.Value)).CachedFrom.ShouldBeNull();
        _code.Begun.ShouldBe(["a", "b"]);
    }

    [Fact]
    public async Task What_the_storage_refuses_of_one_line_is_not_told_of_the_others()
    {
        await using var node = await StartAsync();
        Call[] lines = [.. Enumerable.Range(0, 20).Select(i => Order(node, "later", $"{i}") with { Unique = i == 7 ? new UniqueWish("nightly", null) : null })];

        await node.Engine.Database.WriteAsync(new Change(TestDatabase.Refuse("UPDATE", "queue", "NEW.hold IS NOT NULL")));
        var apart = await SubmitAsync(node, lines);
        await node.Engine.Database.WriteAsync(new Change(TestDatabase.Allow("queue")));
        await node.Engine.Database.WriteAsync(new Change(TestDatabase.Refuse("INSERT", "jobs", "NEW.priority = 9")));
        var together = await SubmitAsync(node, lines.Select((line, i) => i == 3 ? line with { Priority = 9 } : line));

        apart.Select((verdict, i) => (verdict.Refusal is null) == (i != 7)).ShouldAllBe(right => right);
        apart[7].Refusal!.Code.ShouldStartWith("storage-");
        together.Select((verdict, i) => (verdict.Refusal is null) == (i == 7)).ShouldAllBe(right => right);
        foreach (var verdict in apart.Concat(together).Where(verdict => verdict.Job is not null)) (await node.EndOfAsync(verdict.Job!.Value)).State.ShouldBe(JobState.Succeeded);
        node.Number("SELECT count(*) FROM jobs").ShouldBe(20);
    }

    [Fact]
    public async Task Of_a_job_that_has_ended_nobody_is_given_the_result_and_none_is_told_as_delivered()
    {
        await using var node = await StartAsync();
        Call[] lines =
        [
            Order(node, "quick", "a") with { Unique = new UniqueWish("nightly", TimeSpan.FromHours(1)) },
            Order(node, "quick", "b") with { IdempotencyKey = "k" },
        ];
        var first = await SubmitAsync(node, lines);
        foreach (var verdict in first) await node.EndOfAsync(verdict.Job!.Value);

        // Of another input, or the cache would give it an answer of its own.
        var second = await SubmitAsync(node, [Order(node, "quick", "c") with { Unique = lines[0].Unique }, lines[1], Order(node, "quick", "b")]);

        first.ShouldAllBe(verdict => verdict.How == Submission.New);
        second.Take(2).ShouldBe(first.Select(verdict => verdict with { How = Submission.Existing }));
        (second[2].How, second[2].Job == first[1].Job).ShouldBe((Submission.New, false));
        (await node.AuditOfAsync(second[2].Job!.Value)).ShouldBe(["submitted", "completed"]);
        node.Number("SELECT count(*) FROM audit_events WHERE action = 'delivered'").ShouldBe(0);
    }

    [PostgresFact]
    public async Task The_same_keys_cut_differently_on_two_nodes_are_never_waited_for_in_a_circle()
    {
        await using var nodes = new ManyNodes("features: { later: { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: code, pool: { queued: 100000 } } }");
        var both = new[] { await StartedAsync(), await StartedAsync() };
        Task<OneNode> StartedAsync() => nodes.StartAsync(code => code.Add<Order, Order>("later", _code.WorkAsync), NodeDuty.Parse("api", null));

        for (var round = 0; round < 5; round++)
        {
            // Several writes of a node share a transaction, and those of the other have the same keys in other company.
            await Task.WhenAll(Enumerable.Range(0, 16).Select(n => Task.Run(async () =>
            {
                var (node, cut) = (both[n % 2], Enumerable.Range(0, 400).ToArray());
                new Random((round * 2) + (n % 2)).Shuffle(cut);
                var lines = cut.Skip(n / 2 * 50).Take(50).Select(i => node.Call("later", $$"""{"id":"{{i}}"}""") with { IdempotencyKey = $"{round}/{i}" });
                (await node.Engine.SubmitAsync([.. lines], CancellationToken.None)).ShouldAllBe(verdict => verdict.Job != null);
            })));
        }
        (await nodes.NumberAsync("SELECT count(*) FROM jobs")).ShouldBe(2_000);
        // The server counts them when a connection is closed.
        foreach (var node in both) await node.DisposeAsync();
        await StartedAsync();
        (await nodes.NumberAsync("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")).ShouldBe(0);
    }

    [PostgresFact]
    public async Task The_same_keys_on_two_nodes_at_the_same_time_make_each_job_once()
    {
        await using var nodes = new ManyNodes("features: { later: { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: code } }");
        var (one, two) = (await nodes.StartAsync(code => code.Add<Order, Order>("later", _code.WorkAsync)), await nodes.StartAsync(code => code.Add<Order, Order>("later", _code.WorkAsync)));

        // Each in an order of its own, or they would meet at the first key and not in between.
        var rounds = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => Task.Run(async () =>
        {
            var (node, order) = (n % 2 == 0 ? one : two, Enumerable.Range(0, 200).ToArray());
            new Random(n).Shuffle(order);
            var verdicts = await node.Engine.SubmitAsync([.. order.Select(i => node.Call("later", $$"""{"id":"{{i}}"}""") with { IdempotencyKey = $"k{i}" })], CancellationToken.None);
            return order.Zip(verdicts);
        })));

        rounds.SelectMany(round => round).ShouldAllBe(pair => pair.Second.Job != null);
        rounds.SelectMany(round => round).GroupBy(pair => pair.First).ShouldAllBe(group => group.Select(pair => pair.Second.Job).Distinct().Count() == 1 && group.Count(pair => pair.Second.How == Submission.New) == 1);
        (await nodes.NumberAsync("SELECT count(*) FROM jobs")).ShouldBe(200);
    }
}

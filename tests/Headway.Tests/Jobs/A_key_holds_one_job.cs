using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Tests.Storage;

namespace Headway.Tests.Jobs;

public sealed class A_key_holds_one_job
{
    private const string Features = """
        models:
          fast: { provider: rehearsal, firstToken: { p50: 1ms, p99: 3ms }, tokensPerSecond: 1000000, price: { input: 80, output: 200 } }
        features:
          later: { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: code, pool: { concurrency: 8, queued: 1000 } }
          maybe: { contract: { mode: hybrid, wait: 10s, caller: waits, deliverWithin: 1h }, handler: code }
          dear:  { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: { prompt: ask.hbs, models: [fast], maxTokens: 300 }, budget: { usdPerMonth: 0.5 } }
        """;

    private static readonly UniqueWish Only = new("nightly", null);
    private static readonly DebounceWish Paused = new("chart", TimeSpan.FromHours(1), TimeSpan.FromHours(3));

    private readonly Steering _code = new();

    private Task<Node> StartAsync() => Node.StartAsync(Features, code =>
    {
        foreach (var feature in new[] { "later", "maybe" }) code.Add<Order, Order>(feature, _code.WorkAsync);
    }, files: new Dictionary<string, string> { ["ask.hbs"] = "Answer: {{n}}" });

    private static Call Order(Node node, string id, string feature = "later") => node.Call(feature, $$"""{"id":"{{id}}"}""");

    private static async Task<Answer.Accepted> AcceptedAsync(Node node, Call call) => (await node.Engine.CallAsync(call, CancellationToken.None)).ShouldBeOfType<Answer.Accepted>();

    // Its time has come.
    private static Task<bool> DueAsync(Node node) => node.Engine.Database.WriteAsync(new Change("UPDATE queue SET due = 1 WHERE state = 0"));

    [Fact]
    public async Task As_long_as_it_is_under_way_and_whatever_its_input()
    {
        _code.Blocks = true;
        await using var node = await StartAsync();
        var first = await AcceptedAsync(node, Order(node, "a") with { Unique = Only });
        await _code.BeginsAsync();

        var second = await AcceptedAsync(node, Order(node, "b") with { Unique = Only, IdempotencyKey = "k" });
        var other = await AcceptedAsync(node, Order(node, "c") with { Unique = new("weekly", null) });

        (first.How, second.How, second.Job.Id).ShouldBe((Submission.New, Submission.Existing, first.Job.Id));
        other.Job.Id.ShouldNotBe(first.Job.Id);
        _code.LetGo("a");
        await node.EndOfAsync(first.Job.Id);
        (await AcceptedAsync(node, Order(node, "d") with { Unique = Only })).How.ShouldBe(Submission.New);
        // What it was given belongs to its idempotency key, whatever became of the other key.
        (await AcceptedAsync(node, Order(node, "b") with { Unique = Only, IdempotencyKey = "k" })).Job.Id.ShouldBe(first.Job.Id);
    }

    [Fact]
    public async Task And_for_a_while_after_its_end_where_that_is_asked()
    {
        await using var node = await StartAsync();
        var first = await AcceptedAsync(node, Order(node, "a") with { Unique = Only with { For = TimeSpan.FromHours(1) } });
        await node.EndOfAsync(first.Job.Id);

        var second = await AcceptedAsync(node, Order(node, "b") with { Unique = Only with { For = TimeSpan.FromHours(1) } });

        (second.How, second.Job.Id, second.Job.State).ShouldBe((Submission.Existing, first.Job.Id, JobState.Succeeded));
        _code.Begun.ShouldBe(["a"]);
    }

    [Fact]
    public async Task Whose_wait_a_hybrid_call_joins()
    {
        _code.Blocks = true;
        await using var node = await StartAsync();
        var first = node.Engine.CallAsync(Order(node, "a", "maybe") with { Unique = Only }, CancellationToken.None);
        await _code.BeginsAsync();
        var second = node.Engine.CallAsync(Order(node, "b", "maybe") with { Unique = Only, IdempotencyKey = "k" }, CancellationToken.None);
        // It was given the job, and not only begun to ask for it: a call that comes when that has ended makes one of its own.
        while (node.Number("SELECT count(*) FROM idempotency") == 0) await Task.Yield();

        _code.LetGo("a");

        (await second).ShouldBeOfType<Answer.Done>().Job.Id.ShouldBe((await first).ShouldBeOfType<Answer.Done>().Job.Id);
        _code.Begun.ShouldBe(["a"]);
    }

    [Fact]
    public async Task Whose_place_later_calls_take_while_it_waits()
    {
        await using var node = await StartAsync();
        var first = await AcceptedAsync(node, Order(node, "a") with { Debounce = Paused, Subject = "thing/1", IdempotencyKey = "one" });
        var due = node.Number("SELECT due FROM queue");

        var second = await AcceptedAsync(node, Order(node, "b") with { Debounce = Paused with { For = TimeSpan.FromHours(2) }, Subject = "thing/2" });
        var third = await AcceptedAsync(node, Order(node, "c") with { Debounce = Paused with { For = TimeSpan.FromHours(5), Most = TimeSpan.FromHours(5) }, Subject = "thing/3" });

        (first.How, second.How, third.How).ShouldBe((Submission.New, Submission.Replaced, Submission.Replaced));
        new[] { second.Job.Id, third.Job.Id }.ShouldAllBe(id => id == first.Job.Id);
        (third.Job.State, third.Job.Subject, third.Job.WaitingFor!.Code).ShouldBe((JobState.Scheduled, "thing/3", "debounce"));
        // Three hours after the first of them, and no later.
        TimeSpan.FromMilliseconds(node.Number("SELECT due FROM queue") - due).ShouldBe(TimeSpan.FromHours(2));
        node.Number("SELECT count(*) FROM payloads").ShouldBe(1);
        await DueAsync(node);
        await node.EndOfAsync(first.Job.Id);
        (await node.ResultOfAsync(first.Job.Id)).ShouldContain("\"c\"");
        _code.Begun.ShouldBe(["c"]);
        (await node.AuditOfAsync(first.Job.Id)).ShouldBe(["submitted", "replaced", "replaced", "started", "completed", "delivered"]);
        (await AcceptedAsync(node, Order(node, "a") with { Debounce = Paused, IdempotencyKey = "one" })).Job.Id.ShouldBe(first.Job.Id);
    }

    [Fact]
    public async Task Until_it_begins_and_then_the_next_call_makes_another_that_holds_it()
    {
        _code.Blocks = true;
        await using var node = await StartAsync();
        var first = await AcceptedAsync(node, Order(node, "a") with { Debounce = Paused });
        await DueAsync(node);
        await _code.BeginsAsync();

        var second = await AcceptedAsync(node, Order(node, "b") with { Debounce = Paused });
        var third = await AcceptedAsync(node, Order(node, "c") with { Debounce = Paused });

        (second.How, third.How, third.Job.Id).ShouldBe((Submission.New, Submission.Replaced, second.Job.Id));
        second.Job.Id.ShouldNotBe(first.Job.Id);
        await DueAsync(node);
        foreach (var id in new[] { "a", "c" }) _code.LetGo(id);
        (await node.ResultOfAsync((await node.EndOfAsync(first.Job.Id)).Id)).ShouldContain("\"a\"");
        (await node.ResultOfAsync((await node.EndOfAsync(second.Job.Id)).Id)).ShouldContain("\"c\"");
    }

    [Fact]
    public async Task And_what_a_budget_holds_for_it_is_that_of_its_largest_input()
    {
        await using var node = await StartAsync();
        Call Asked(int letters) => node.Call("dear", $$"""{"n":"{{new string('x', letters)}}"}""") with { Debounce = Paused };
        var first = await AcceptedAsync(node, Asked(10));
        var held = node.Number("SELECT sum(reserved) FROM budgets");

        (await AcceptedAsync(node, Asked(4_000))).How.ShouldBe(Submission.Replaced);
        var more = node.Number("SELECT sum(reserved) FROM budgets");
        var refused = (await node.Engine.CallAsync(Asked(40_000), CancellationToken.None)).ShouldBeOfType<Answer.Refused>().Refusal;
        (await AcceptedAsync(node, Asked(20))).How.ShouldBe(Submission.Replaced);

        more.ShouldBeGreaterThan(held);
        refused.Code.ShouldBe("budget-exhausted");
        node.Number("SELECT sum(reserved) FROM budgets").ShouldBe(more);
        node.Number("SELECT count(*) FROM reservations").ShouldBe(1);
        await DueAsync(node);
        await node.EndOfAsync(first.Job.Id);
        node.Number("SELECT sum(reserved) FROM budgets").ShouldBe(0);
    }

    [Fact]
    public async Task Of_lines_the_last_one_is_the_last_one()
    {
        await using var node = await StartAsync();

        var verdicts = await node.Engine.SubmitAsync([.. Enumerable.Range(0, 9).Select(i => Order(node, $"{i}") with { Debounce = Paused with { Key = $"{i % 2}" } })], CancellationToken.None);

        verdicts.Select(verdict => verdict.Job).Distinct().Count().ShouldBe(2);
        await DueAsync(node);
        foreach (var job in verdicts.Select(verdict => verdict.Job!.Value).Distinct()) await node.EndOfAsync(job);
        _code.Begun.Order().ShouldBe(["7", "8"]);
    }

    [Fact]
    public async Task Of_a_hundred_calls_at_once()
    {
        _code.Blocks = true;
        await using var node = await StartAsync();

        var unique = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(() => AcceptedAsync(node, Order(node, "a") with { Unique = Only }))));
        var debounced = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(() => AcceptedAsync(node, Order(node, "b") with { Debounce = Paused }))));

        foreach (var answers in new[] { unique, debounced })
        {
            answers.Select(answer => answer.Job.Id).Distinct().ShouldHaveSingleItem();
            answers.Count(answer => answer.How == Submission.New).ShouldBe(1);
        }
        node.Number("SELECT count(*) FROM jobs").ShouldBe(2);
        node.Number("SELECT count(*) FROM payloads").ShouldBe(2);
    }

    [PostgresFact]
    public async Task And_nothing_is_held_back_for_one_that_was_cancelled_at_the_same_moment()
    {
        await using var nodes = new ManyNodes(Features.Replace("handler: code", "handler: { prompt: ask.hbs, models: [fast] }", StringComparison.Ordinal), new Dictionary<string, string> { ["ask.hbs"] = "Answer: {{n}}" });
        var both = new[] { await nodes.StartAsync(), await nodes.StartAsync() };
        Call Asked(int i, int letters) => both[i % 2].Call("dear", $$"""{"n":"{{new string('x', letters)}}"}""") with { Debounce = Paused };

        for (var i = 0; i < 24; i++)
        {
            var first = (await both[0].Engine.CallAsync(Asked(0, 10), CancellationToken.None)).ShouldBeOfType<Answer.Accepted>().Job.Id;
            // What comes meanwhile shares a transaction on one node, and meets in the database on two.
            var busy = both[i % 2].Engine.Database.WriteAsync(new Change("SELECT pg_sleep(0.05)"));
            var (replaced, cancelled) = (both[i % 2].Engine.CallAsync(Asked(i, 400 + i), CancellationToken.None), both[i / 2 % 2].Engine.CancelAsync(Caller.Local, first, CancellationToken.None));
            await Task.WhenAll(busy, replaced, cancelled);
            if (await replaced is Answer.Accepted { Job.Id: var last }) await both[0].Engine.CancelAsync(Caller.Local, last, CancellationToken.None);
            (await nodes.NumberAsync("SELECT count(*) FROM reservations")).ShouldBe(0);
            (await nodes.NumberAsync("SELECT sum(reserved) FROM budgets")).ShouldBe(0);
        }
    }

    [PostgresFact]
    public async Task Of_a_hundred_calls_at_once_on_two_nodes_while_it_becomes_due_again_and_again()
    {
        await using var nodes = new ManyNodes("features: { later: { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: code, pool: { concurrency: 8 } } }");
        var both = new[] { await nodes.StartAsync(code => code.Add<Order, Order>("later", _code.WorkAsync)), await nodes.StartAsync(code => code.Add<Order, Order>("later", _code.WorkAsync)) };
        Call Asked(int i, string id) => both[i % 2].Call("later", $$"""{"id":"{{id}}"}""");
        async Task<Answer.Accepted> TakenAsync(int i, Call call) => (await both[i % 2].Engine.CallAsync(call, CancellationToken.None)).ShouldBeOfType<Answer.Accepted>();

        var soon = new DebounceWish("chart", TimeSpan.FromMilliseconds(30), TimeSpan.FromSeconds(2));
        var debounced = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(() => TakenAsync(i, Asked(i, $"d{i}") with { Debounce = soon }))));
        // Each job was made once, and ran once on the input of one of its callers.
        foreach (var job in debounced.Select(answer => answer.Job.Id).Distinct()) (await both[0].EndOfAsync(job)).State.ShouldBe(JobState.Succeeded);
        debounced.GroupBy(answer => answer.Job.Id).ShouldAllBe(group => group.Count(answer => answer.How == Submission.New) == 1);
        _code.Begun.Count.ShouldBe(debounced.Select(answer => answer.Job.Id).Distinct().Count());

        _code.Blocks = true;
        var unique = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(() => TakenAsync(i, Asked(i, "u") with { Unique = Only }))));
        unique.Select(answer => answer.Job.Id).Distinct().ShouldHaveSingleItem();
        unique.Count(answer => answer.How == Submission.New).ShouldBe(1);
        _code.LetGo("u");
        await both[1].EndOfAsync(unique[0].Job.Id);
    }
}

using System.Text;
using Headway.Access;
using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Tests.Jobs;
using Headway.Upstream;

namespace Headway.Tests.Caching;

public sealed class Jobs_with_the_same_input_share_their_work
{
    private const string Features = """
        features:
          later: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, timeout: 20s, pool: { concurrency: 4 }, retry: { attempts: 2, backoff: 10ms..10ms }, cache: { for: 10m } }
          quick: { contract: { mode: hybrid, wait: 10s, caller: waits, deliverWithin: 1m }, handler: code, timeout: 20s, pool: { concurrency: 4 }, cache: { for: 10m } }
        """;

    private readonly Steering _code = new() { Blocks = true };

    private Task<Node> StartAsync() => Node.StartAsync(Features, Code);

    private void Code(CodeHandlers code)
    {
        foreach (var feature in new[] { "later", "quick" }) code.Add<Order, Order>(feature, _code.WorkAsync);
    }

    [Fact]
    public async Task Twenty_of_them_are_one_piece_of_work_and_twenty_records()
    {
        await using var node = await StartAsync();
        var jobs = new List<Job>();
        for (var n = 0; n < 20; n++) jobs.Add(await node.AcceptedAsync(node.Call("later")));
        await _code.BeginsAsync();
        _code.LetGo("a");

        var ended = new List<Job>();
        foreach (var job in jobs) ended.Add(await node.EndOfAsync(job.Id));

        ended.ShouldAllBe(job => job.State == JobState.Succeeded);
        _code.Begun.Count.ShouldBe(1);
        var maker = ended.Single(job => job.CachedFrom is null);
        ended.Count(job => job.CachedFrom == maker.Id).ShouldBe(19);
        foreach (var job in ended)
        {
            (await node.AuditOfAsync(job.Id)).ShouldBe(["submitted", "started", "completed"]);
            (await node.ResultOfAsync(job.Id)).ShouldBe("""{"id":"a"}""");
        }
    }

    [Fact]
    public async Task Callers_who_wait_get_the_one_answer_when_it_is_there()
    {
        await using var node = await StartAsync();
        var calls = new List<Task<Answer>> { node.CallAsync("quick") };
        await _code.BeginsAsync();
        // Each has looked for an answer and found none by the time its task is there.
        calls.AddRange(Enumerable.Range(0, 3).Select(_ => node.CallAsync("quick")));
        _code.LetGo("a");

        var answers = (await Task.WhenAll(calls)).Select(answer => answer.ShouldBeOfType<Answer.Done>()).ToList();

        _code.Begun.Count.ShouldBe(1);
        answers.Count(done => done.Cache!.Value is { Kind: CacheUseKind.Miss, Stored: true }).ShouldBe(1);
        answers.Count(done => done.Cache!.Value.Kind is CacheUseKind.Joined).ShouldBe(3);
    }

    [Fact]
    public async Task When_the_one_that_works_fails_each_of_the_others_works_itself()
    {
        _code.Failures = 1;
        await using var node = await StartAsync();
        var jobs = new List<Job>();
        for (var n = 0; n < 4; n++) jobs.Add(await node.AcceptedAsync(node.Call("later")));
        await _code.BeginsAsync();
        foreach (var job in jobs) await RunsAsync(node, job.Id);
        _code.LetGo("a");

        foreach (var job in jobs) (await node.EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);
        _code.Begun.Count.ShouldBeGreaterThan(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Cancelling_one_stops_that_one_only(bool theOneThatWorks)
    {
        await using var node = await StartAsync();
        var first = await node.AcceptedAsync(node.Call("later"));
        await _code.BeginsAsync();
        var second = await node.AcceptedAsync(node.Call("later"));
        await RunsAsync(node, second.Id);
        var (cancelled, other) = theOneThatWorks ? (first, second) : (second, first);
        await node.Engine.CancelAsync(Caller.Local, cancelled.Id, CancellationToken.None);
        if (theOneThatWorks) await _code.BeginsAsync();
        _code.LetGo("a");

        (await node.EndOfAsync(other.Id)).State.ShouldBe(JobState.Succeeded);
        (await node.EndOfAsync(cancelled.Id)).State.ShouldBe(JobState.Cancelled);
        _code.Begun.Count.ShouldBe(theOneThatWorks ? 2 : 1);
    }

    [Fact]
    public async Task After_the_death_of_their_node_all_of_them_end()
    {
        await using var node = await StartAsync();
        var jobs = new List<Job>();
        for (var n = 0; n < 6; n++) jobs.Add(await node.AcceptedAsync(node.Call("later")));
        await _code.BeginsAsync();
        foreach (var job in jobs.Take(4)) await RunsAsync(node, job.Id);

        await using var heir = await node.AfterKillAsync(Code);
        await _code.BeginsAsync();
        _code.LetGo("a");
        foreach (var job in jobs) (await heir.EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);
        heir.Number("SELECT count(*) FROM cached_answers c WHERE NOT EXISTS (SELECT 1 FROM jobs WHERE id = c.job AND state = 5)").ShouldBe(0);
    }

    [Fact]
    public async Task One_that_is_to_be_made_anew_neither_waits_nor_is_waited_for()
    {
        await using var node = await StartAsync();
        var first = await node.AcceptedAsync(node.Call("later"));
        await _code.BeginsAsync();
        var anew = await node.AcceptedAsync(node.Call("later") with { Cache = new CacheWish(false, NoCache: true, null) });
        var apart = await node.AcceptedAsync(node.Call("later") with { Cache = new CacheWish(NoStore: true, false, null) });
        // Until its turn comes, an answer could become older than it wishes.
        var young = await node.AcceptedAsync(node.Call("later") with { Cache = new CacheWish(false, false, TimeSpan.FromSeconds(1)) });
        for (var n = 0; n < 3; n++) await _code.BeginsAsync();
        _code.LetGo("a");

        foreach (var job in new[] { first, anew, apart, young }) (await node.EndOfAsync(job.Id)).CachedFrom.ShouldBeNull();
    }

    [Fact]
    public async Task They_pay_once_and_give_back_what_was_held_for_the_others()
    {
        var go = new TaskCompletionSource();
        await using var upstream = await ModelUpstream.StartAsync(Scripts.StallAfter("", go.Task, Scripts.Fixture("openai/stream")));
        await using var node = await Node.StartAsync(
            $$"""
            models: { m: { provider: openai, baseUrl: "{{upstream.BaseUrl}}", model: m, price: { input: 1, output: 1 } } }
            features: { later: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: { prompt: ask.hbs, models: [m], maxTokens: 100 }, timeout: 20s, cache: { for: 10m } } }
            tenants: { default: { budget: { usdPerMonth: 100 } } }
            """,
            _ => { }, files: new Dictionary<string, string> { ["ask.hbs"] = "Answer." });
        var jobs = new List<Job>();
        for (var n = 0; n < 5; n++) jobs.Add(await node.AcceptedAsync(node.Call("later")));
        await upstream.ArrivedAsync(1);
        foreach (var job in jobs) await RunsAsync(node, job.Id);
        node.Number("SELECT count(*) FROM reservations").ShouldBe(5);
        go.SetResult();

        var ended = new List<Job>();
        foreach (var job in jobs) ended.Add(await node.EndOfAsync(job.Id));
        upstream.Calls.Count.ShouldBe(1);
        ended.Count(job => job.Usage.Usd > 0).ShouldBe(1);
        (node.Number("SELECT count(*) FROM reservations"), node.Number("SELECT sum(reserved) FROM budgets")).ShouldBe((0, 0));
        node.Number("SELECT sum(spent) FROM budgets").ShouldBe((long)(ended.Sum(job => job.Usage.Usd) * 1_000_000_000));
    }

    /// <summary>Until it holds a slot.</summary>
    private static async Task RunsAsync(Node node, JobId id)
    {
        using var enough = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        await foreach (var entry in node.Engine.Events(Caller.Local, id, null, enough.Token)!)
        {
            if (entry.Kind == "status" && Encoding.UTF8.GetString(entry.Data.Span).Contains("\"running\"", StringComparison.Ordinal)) return;
        }
    }
}

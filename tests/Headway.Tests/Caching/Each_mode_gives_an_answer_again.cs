using System.Text;
using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Tests.Jobs;

namespace Headway.Tests.Caching;

public sealed class Each_mode_gives_an_answer_again
{
    private const string Features = """
        features:
          later:   { contract: { mode: async, caller: leaves, deliverWithin: 1m, data: phi }, handler: code, cache: { for: 10m }, retention: 30d }
          quick:   { contract: { mode: hybrid, wait: 10s, caller: waits, deliverWithin: 1m }, handler: code, cache: { for: 10m } }
          talk:    { contract: { mode: stream, caller: converses, output: prose }, handler: code, fallback: none, cache: { for: 10m } }
          private: { contract: { mode: stream, caller: converses, output: prose, data: phi }, handler: code, fallback: none, cache: { for: 10m }, retention: 30d }
          values:  { contract: { mode: stream, caller: converses, output: prose }, handler: code, fallback: none, cache: { for: 10m } }
          whole:   { contract: { mode: stream, caller: converses, output: prose }, handler: code, fallback: none, cache: { for: 10m } }
        """;

    private readonly Steering _code = new();

    private Task<Node> StartAsync() => Node.StartAsync(Features, code =>
    {
        foreach (var feature in new[] { "later", "quick", "whole" }) code.Add<Order, Order>(feature, _code.WorkAsync);
        foreach (var feature in new[] { "talk", "private" }) code.Add<Order, string>(feature, _code.TokensAsync);
        code.Add<Order, Order>("values", (_, _, _) => Values());
    });

    private static async IAsyncEnumerable<Order> Values()
    {
        yield return new Order("1");
        await Task.Yield();
        yield return new Order("2");
    }

    [Fact]
    public async Task Async_accepts_a_job_that_has_its_result_already_and_tells_of_it_as_of_any_other()
    {
        await using var node = await StartAsync();
        var first = await node.EndOfAsync((await node.AcceptedAsync(node.Call("later"))).Id);
        var second = (await node.CallAsync("later")).ShouldBeOfType<Answer.Accepted>();

        second.Cache!.Value.Kind.ShouldBe(CacheUseKind.Hit);
        var job = (await node.Engine.FindAsync(Caller.Local, second.Job.Id)).ShouldNotBeNull();
        (job.State, job.CachedFrom, job.Attempt, job.Usage.Usd).ShouldBe((JobState.Succeeded, first.Id, 0, 0m));
        job.DeliverBy.ShouldNotBeNull();
        (await node.ResultOfAsync(job.Id)).ShouldBe(await node.ResultOfAsync(first.Id));
        (await node.Engine.AuditAsync(Caller.Local, job.Id)).Select(entry => (entry.Action, entry.Recipient, entry.Purpose))
            .ShouldBe([("submitted", null, null), ("completed", "cache", null), ("delivered", null, "result")]);
        (await node.Engine.AttemptsAsync(Caller.Local, job.Id)).ShouldBeEmpty();
        (await node.EventsOfAsync(job.Id)).Select(entry => entry.Kind).ShouldBe(["result", "end"]);
        _code.Begun.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Hybrid_answers_at_once_and_says_what_it_delivered()
    {
        await using var node = await StartAsync();
        var first = (await node.CallAsync("quick")).ShouldBeOfType<Answer.Done>();
        var second = (await node.Engine.CallAsync(node.Call("quick") with { PreferAsync = true }, CancellationToken.None)).ShouldBeOfType<Answer.Done>();

        (first.Cache!.Value.Kind, first.Cache.Value.Stored, second.Cache!.Value.Kind).ShouldBe((CacheUseKind.Miss, true, CacheUseKind.Hit));
        (Node.Text(second.Result), second.Job.CachedFrom).ShouldBe((Node.Text(first.Result), first.Job.Id));
        (await node.AuditOfAsync(second.Job.Id)).ShouldBe(["submitted", "completed", "delivered"]);
        _code.Begun.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("talk", "delta:{\"text\":\"1 2 3 4 5 6 \"}", "served")]
    [InlineData("private", "delta:{\"text\":\"1 2 3 4 5 6 \"}", "opened served")]
    [InlineData("values", "delta:{\"value\":{\"id\":\"1\"}}|delta:{\"value\":{\"id\":\"2\"}}", "served")]
    [InlineData("whole", "result:{\"id\":\"a\"}", "served")]
    public async Task A_stream_shows_it_in_events_of_the_same_kinds_and_can_be_resumed(string feature, string shown, string told)
    {
        await using var node = await StartAsync();
        var first = await StreamAsync(node, feature);
        var live = await node.EventsOfAsync(first.Job.Id);
        await node.EndOfAsync(first.Job.Id);
        var second = await StreamAsync(node, feature);
        var again = await node.EventsOfAsync(second.Job.Id);

        (first.Cache!.Value.Kind, second.Cache!.Value.Kind).ShouldBe((CacheUseKind.Miss, CacheUseKind.Hit));
        again.Select(entry => entry.Kind).Distinct().ShouldBe(live.Select(entry => entry.Kind).Distinct());
        string.Join('|', again.SkipLast(1).Select(entry => $"{entry.Kind}:{Encoding.UTF8.GetString(entry.Data.Span)}")).ShouldBe(shown);
        again.Select(entry => entry.Id!.Value - again[0].Id!.Value).ShouldBe(Enumerable.Range(0, again.Count).Select(n => (long)n));
        (await node.EventsOfAsync(second.Job.Id, again[0].Id)).Select(entry => entry.Id).ShouldBe(again.Skip(1).Select(entry => entry.Id));
        (await node.AuditOfAsync(second.Job.Id)).Take(told.Split(' ').Length).ShouldBe(told.Split(' '));
        (await node.ResultOfAsync(second.Job.Id)).ShouldBe(await node.ResultOfAsync(first.Job.Id));
        (await node.Engine.FindAsync(Caller.Local, second.Job.Id))!.CachedFrom.ShouldBe(first.Job.Id);
    }

    [Theory]
    [InlineData("later")]
    [InlineData("quick")]
    [InlineData("talk")]
    public async Task A_key_makes_one_job_of_it_and_wins_over_the_cache(string feature)
    {
        await using var node = await StartAsync();
        await node.EndOfAsync(JobOf(await node.CallAsync(feature)).Id);
        var call = node.Call(feature) with { IdempotencyKey = "k" };
        var first = JobOf(await node.Engine.CallAsync(call, CancellationToken.None));
        var again = JobOf(await node.Engine.CallAsync(call with { Cache = new CacheWish(NoStore: true, false, null, OnlyIfCached: true) }, CancellationToken.None));

        first.CachedFrom.ShouldNotBeNull();
        again.Id.ShouldBe(first.Id);
    }

    [Theory]
    [InlineData("later")]
    [InlineData("quick")]
    [InlineData("talk")]
    public async Task Only_as_the_caller_wishes(string feature)
    {
        await using var node = await StartAsync();
        var call = node.Call(feature);
        async Task<Answer> AskAsync(CacheWish wish)
        {
            var answer = await node.Engine.CallAsync(call with { Cache = wish }, CancellationToken.None);
            if (answer is not Answer.Refused) await node.EndOfAsync(JobOf(answer).Id);
            return answer;
        }

        (await AskAsync(new CacheWish(false, false, null, OnlyIfCached: true))).ShouldBeOfType<Answer.Refused>().Refusal.Code.ShouldBe("not-cached");
        JobOf(await AskAsync(new CacheWish(NoStore: true, false, null))).CachedFrom.ShouldBeNull();
        (await AskAsync(new CacheWish(false, false, null, OnlyIfCached: true))).ShouldBeOfType<Answer.Refused>();
        var made = JobOf(await AskAsync(new CacheWish(false, NoCache: true, null)));
        JobOf(await AskAsync(new CacheWish(false, false, null, OnlyIfCached: true))).CachedFrom.ShouldBe(made.Id);
        JobOf(await AskAsync(new CacheWish(NoStore: true, false, null))).CachedFrom.ShouldBeNull();
        var anew = JobOf(await AskAsync(new CacheWish(false, NoCache: true, null)));
        anew.CachedFrom.ShouldBeNull();
        JobOf(await AskAsync(default)).CachedFrom.ShouldBe(anew.Id);
        _code.Begun.Count.ShouldBe(4);
    }

    [Fact]
    public async Task One_that_is_to_start_later_is_made_then()
    {
        await using var node = await StartAsync();
        var first = await node.EndOfAsync((await node.AcceptedAsync(node.Call("later"))).Id);
        // Of one millisecond nobody knows what came first.
        while (node.Engine.Database.Now <= first.Finished!.Value.ToUnixTimeMilliseconds()) await Task.Yield();
        var accepted = (await node.Engine.CallAsync(node.Call("later") with { StartAt = DateTimeOffset.UtcNow.AddSeconds(1) }, CancellationToken.None)).ShouldBeOfType<Answer.Accepted>();

        (accepted.Job.State, accepted.Cache!.Value.Kind).ShouldBe((JobState.Scheduled, CacheUseKind.Bypassed));
        (await node.EndOfAsync(accepted.Job.Id)).CachedFrom.ShouldBeNull();
    }

    private static async Task<Answer.Streaming> StreamAsync(Node node, string feature) => (await node.CallAsync(feature)).ShouldBeOfType<Answer.Streaming>();

    private static Job JobOf(Answer answer) => answer switch
    {
        Answer.Done done => done.Job,
        Answer.Accepted accepted => accepted.Job,
        Answer.Streaming streaming => streaming.Job,
        _ => throw new InvalidOperationException(answer.ToString()),
    };
}

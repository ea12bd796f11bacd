using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Tests.Jobs;
using Headway.Tests.Storage;

namespace Headway.Tests.Caching;

public sealed class An_answer_is_given_again
{
    private const string Features = """
        features:
          ask:     { contract: { mode: sync, caller: waits }, handler: code, timeout: 20s, pool: { concurrency: 2, queue: 2 }, cache: { for: 10m } }
          bare:    { contract: { mode: sync, caller: waits }, handler: code, timeout: 20s }
          brief:   { contract: { mode: sync, caller: waits }, handler: code, timeout: 20s, cache: { for: 10m }, retention: 1m }
          private: { contract: { mode: sync, caller: waits, data: phi }, handler: code, timeout: 20s, cache: { for: 10m }, retention: 30d }
        """;

    private readonly Steering _code = new();
    private readonly ManualTime _time = new();

    private Task<Node> StartAsync(TimeProvider? time = null) => Node.StartAsync(Features, code =>
    {
        foreach (var feature in new[] { "ask", "bare", "brief", "private" }) code.Add<Order, Order>(feature, _code.WorkAsync);
    }, time);

    [Fact]
    public async Task To_an_equal_input_with_a_record_and_an_event_of_its_own_and_without_cost()
    {
        await using var node = await StartAsync();
        var first = await DoneAsync(node, node.Call("ask", """{"id":"a","x":1}"""));
        var second = await DoneAsync(node, node.Call("ask", """{ "x":1, "id":"\u0061" }"""));

        (first.Cache!.Value.Kind, second.Cache!.Value.Kind).ShouldBe((CacheUseKind.Miss, CacheUseKind.Hit));
        Node.Text(second.Result).ShouldBe(Node.Text(first.Result));
        _code.Begun.Count.ShouldBe(1);
        second.Job.Id.ShouldNotBe(first.Job.Id);
        (await node.Engine.FindAsync(Caller.Local, second.Job.Id))!.State.ShouldBe(JobState.Succeeded);
        var told = (await node.Engine.AuditAsync(Caller.Local, second.Job.Id)).ShouldHaveSingleItem();
        (told.Action, told.Recipient, told.Outcome).ShouldBe(("served", "cache", "succeeded"));
        (await node.Engine.AttemptsAsync(Caller.Local, second.Job.Id)).ShouldBeEmpty();
        node.Number($"SELECT count(*) FROM jobs WHERE cached = {TestDatabase.Id(first.Job.Id)}").ShouldBe(1);
    }

    [Theory]
    [InlineData("bare", null)]
    [InlineData("ask", "encounter/2")]
    public async Task But_not_without_a_cache_nor_to_another_subject(string feature, string? subject)
    {
        await using var node = await StartAsync();
        await DoneAsync(node, node.Call(feature) with { Subject = "encounter/1" });
        await DoneAsync(node, node.Call(feature) with { Subject = subject });

        _code.Begun.Count.ShouldBe(2);
    }

    [Fact]
    public async Task But_never_an_error()
    {
        _code.Failures = 1;
        await using var node = await StartAsync();
        (await node.CallAsync("ask")).ShouldBeOfType<Answer.Failed>();

        (await DoneAsync(node, node.Call("ask"))).Cache!.Value.Kind.ShouldBe(CacheUseKind.Miss);
    }

    [Fact]
    public async Task Only_as_the_caller_wishes()
    {
        await using var node = await StartAsync(_time);
        var call = node.Call("ask");
        (await KindAsync(node, call with { Cache = new CacheWish(NoStore: true, false, null) })).ShouldBe(CacheUseKind.Bypassed);
        (await KindAsync(node, call)).ShouldBe(CacheUseKind.Miss);
        (await KindAsync(node, call with { Cache = new CacheWish(false, NoCache: true, null) })).ShouldBe(CacheUseKind.AskedAnew);
        await node.Engine.ListAsync(Caller.Local, new JobFilter());
        _time.Advance(TimeSpan.FromSeconds(30));

        (await KindAsync(node, call with { Cache = new CacheWish(false, false, TimeSpan.FromSeconds(29)) })).ShouldBe(CacheUseKind.Miss);
        _code.Begun.Count.ShouldBe(4);
        await node.Engine.ListAsync(Caller.Local, new JobFilter());
        (await KindAsync(node, call with { Cache = new CacheWish(false, false, TimeSpan.Zero) })).ShouldBe(CacheUseKind.Hit);
    }

    [Theory]
    [InlineData("ask", 600)]
    [InlineData("brief", 60)]
    public async Task Until_it_has_expired_or_retention_ends(string feature, int seconds)
    {
        await using var node = await StartAsync(_time);
        await KindAsync(node, node.Call(feature));
        await node.Engine.ListAsync(Caller.Local, new JobFilter());
        _time.Advance(TimeSpan.FromSeconds(seconds - 1));
        var hit = await DoneAsync(node, node.Call(feature));
        (hit.Cache!.Value.Kind, hit.Cache.Value.Age).ShouldBe((CacheUseKind.Hit, TimeSpan.FromSeconds(seconds - 1)));

        _time.Advance(TimeSpan.FromSeconds(1));

        (await KindAsync(node, node.Call(feature))).ShouldBe(CacheUseKind.Miss);
    }

    [Fact]
    public async Task After_a_restart_too_and_not_once_the_key_of_its_subject_is_gone()
    {
        await using var node = await StartAsync();
        await DoneAsync(node, node.Call("private") with { Subject = "encounter/1" });
        await node.RestartAsync();
        var hit = await DoneAsync(node, node.Call("private") with { Subject = "encounter/1" });
        hit.Cache!.Value.Kind.ShouldBe(CacheUseKind.Hit);
        (await node.AuditOfAsync(hit.Job.Id)).ShouldBe(["opened", "served"]);

        await node.Engine.Database.WriteAsync(new Change("DELETE FROM data_keys WHERE length(subject) > 0"));
        await node.RestartAsync();

        (await KindAsync(node, node.Call("private") with { Subject = "encounter/1" })).ShouldBe(CacheUseKind.Miss);
        _code.Begun.Count.ShouldBe(2);
    }

    [Fact]
    public async Task And_its_key_wins_over_the_cache()
    {
        await using var node = await StartAsync();
        await DoneAsync(node, node.Call("ask"));
        var first = await DoneAsync(node, node.Call("ask") with { IdempotencyKey = "k" });
        var again = await DoneAsync(node, node.Call("ask") with { IdempotencyKey = "k" });

        first.Cache!.Value.Kind.ShouldBe(CacheUseKind.Hit);
        again.Job.Id.ShouldBe(first.Job.Id);
        Node.Text(again.Result).ShouldBe(Node.Text(first.Result));
    }

    private static async Task<Answer.Done> DoneAsync(Node node, Call call) => (await node.Engine.CallAsync(call, CancellationToken.None)).ShouldBeOfType<Answer.Done>();

    private static async Task<CacheUseKind> KindAsync(Node node, Call call) => (await DoneAsync(node, call)).Cache!.Value.Kind;
}

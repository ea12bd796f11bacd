using Headway.Access;
using Headway.Jobs.Accepting;
using Headway.Tests.Storage;

namespace Headway.Tests.Jobs;

public sealed class A_refusal_is_told
{
    private const string Features = """
        features:
          quick: { contract: { mode: sync, caller: waits, acceptableWait: 2s }, handler: code, fallback: none, timeout: 3s, pool: { concurrency: 1, queue: 0 } }
          later: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, pool: { concurrency: 1, queued: 1 } }
          chat:  { contract: { mode: stream, caller: converses, output: prose }, handler: code, fallback: none, pool: { concurrency: 1, queue: 0 } }
        """;

    private readonly Steering _code = new() { Blocks = true };
    private readonly ManualTime _time = new();

    private Task<Node> StartAsync(TimeProvider? time = null) => Node.StartAsync(Features, code =>
    {
        foreach (var feature in new[] { "quick", "later" }) code.Add<Order, Order>(feature, _code.WorkAsync);
        code.Add<Order, string>("chat", _code.TokensAsync);
    }, time);

    private static Task<List<RefusedEvent>> RefusedAsync(Node node) => RefusedEvent.AllAsync(node.Engine.Database);

    private static async Task RefuseAsync(Node node, Call call, string code) =>
        (await node.Engine.CallAsync(call, CancellationToken.None)).ShouldBeOfType<Answer.Refused>().Refusal.Code.ShouldBe(code);

    [Fact]
    public async Task With_who_called_what_and_why_and_no_job_comes_of_it()
    {
        await using var node = await StartAsync();
        var first = node.CallAsync("quick");
        await _code.BeginsAsync();
        var call = node.Call("quick") with
        {
            Caller = new Caller("ward", "nurse", "10.0.0.7"),
            Subject = "encounter/8812",
            TraceParent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        };

        await RefuseAsync(node, call, "pool-full");

        var told = (await RefusedAsync(node)).ShouldHaveSingleItem();
        (told.Feature, told.Tenant, told.Actor, told.Outcome, told.HasSubject).ShouldBe(("quick", "ward", "nurse", "pool-full", true));
        told.Correlation.ShouldBe("0af7651916cd43dd8448eb211c80319c");
        (await node.Engine.FindAsync(call.Caller, told.Job)).ShouldBeNull();
        _code.LetGo("a");
        await first;
    }

    [Fact]
    public async Task Whatever_it_was_refused_for()
    {
        await using var node = await StartAsync();
        var running = await node.AcceptedAsync(node.Call("later") with { IdempotencyKey = "k" });
        await _code.BeginsAsync();
        await node.AcceptedAsync(node.Call("later"));
        var stream = node.Call("chat", """{"id":"s"}""") with { IdempotencyKey = "k" };
        (await node.Engine.CallAsync(stream, CancellationToken.None)).ShouldBeOfType<Answer.Streaming>();

        await RefuseAsync(node, node.Call("later"), "queue-full");
        await RefuseAsync(node, node.Call("later", """{"id":"b"}""") with { IdempotencyKey = "k" }, "idempotency-mismatch");
        await RefuseAsync(node, stream, "idempotency-in-progress");
        await RefuseAsync(node, node.Call("chat"), "pool-full");
        await RefuseAsync(node, node.Call("quick") with { Deadline = DateTimeOffset.UtcNow.AddHours(-1) }, "deadline-passed");

        (await RefusedAsync(node)).Select(told => $"{told.Feature} {told.Outcome}").ShouldBe(
            ["later queue-full", "later idempotency-mismatch", "chat idempotency-in-progress", "chat pool-full", "quick deadline-passed"], ignoreOrder: true);
        (await node.AuditOfAsync(running.Id)).ShouldBe(["submitted", "started"]);
        foreach (var id in new[] { "a", "s" }) _code.LetGo(id);
    }

    [Fact]
    public async Task A_flood_of_them_is_counted_and_does_not_flood_the_disk()
    {
        await using var node = await StartAsync(_time);
        var late = node.Call("quick") with { Deadline = _time.GetUtcNow().AddHours(-1) };
        var stranger = late with { Caller = Caller.Local with { Actor = "stranger" } };

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var n = 0; n < 250; n++) await RefuseAsync(node, late, "deadline-passed");
        })));
        await RefuseAsync(node, stranger, "deadline-passed");
        var told = await RefusedAsync(node);
        told.Count(entry => entry.Actor == "local").ShouldBe(RefusalLog.PerSecond);
        told.Count(entry => entry.Actor == "stranger").ShouldBe(1, "a flood of one caller hides no other");

        await node.RestartAsync();

        var all = (await RefusedAsync(node)).Where(entry => entry.Actor == "local").ToList();
        all.Count.ShouldBe(RefusalLog.PerSecond + 1);
        all.Sum(entry => entry.Count).ShouldBe(2_000);
    }

    [Fact]
    public async Task The_next_event_says_for_how_many_it_stands()
    {
        await using var node = await StartAsync(_time);
        var late = node.Call("quick") with { Deadline = _time.GetUtcNow().AddHours(-1) };
        for (var n = 0; n < RefusalLog.PerSecond + 239; n++) await RefuseAsync(node, late, "deadline-passed");
        var log = await RefusedAsync(node);

        // Upkeep may tell of them as well when the second is over: in either event, once.
        _time.Advance(TimeSpan.FromMilliseconds(1_000));
        await RefuseAsync(node, late, "deadline-passed");
        await node.RestartAsync();

        log.ShouldAllBe(entry => entry.Outcome == "deadline-passed");
        var later = (await RefusedAsync(node)).Skip(log.Count).ToList();
        later.Sum(entry => entry.Count).ShouldBe(240);
        later.ShouldContain(entry => entry.Outcome.StartsWith("deadline-passed ×", StringComparison.Ordinal));
        later.Count.ShouldBeLessThanOrEqualTo(2);
    }

    [Fact]
    public async Task Later_if_the_disk_takes_nothing_now()
    {
        await using var node = await StartAsync(_time);
        var late = node.Call("quick") with { Deadline = _time.GetUtcNow().AddHours(-1) };
        await node.Engine.Database.WriteAsync(new Change(TestDatabase.Refuse("INSERT", "audit_events", "NEW.action = 'refused'")));
        for (var n = 0; n < 3; n++) await RefuseAsync(node, late, "deadline-passed");
        (await RefusedAsync(node)).ShouldBeEmpty();

        await node.Engine.Database.WriteAsync(new Change(TestDatabase.Allow("audit_events")));
        await node.RestartAsync();

        (await RefusedAsync(node)).Sum(entry => entry.Count).ShouldBe(3);
    }
}

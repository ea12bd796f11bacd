using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;

namespace Headway.Tests.Jobs;

public sealed class A_pool_is_bounded
{
    private const string Features = """
        features:
          quick:  { contract: { mode: sync, caller: waits, acceptableWait: 2s }, handler: code, fallback: none, timeout: 3s, pool: { concurrency: 1, queue: 1 } }
          other:  { contract: { mode: sync, caller: waits, acceptableWait: 2s }, handler: code, fallback: none, timeout: 3s, pool: { concurrency: 1, queue: 1 } }
          later:  { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, pool: { concurrency: 1, queued: 3 } }
          again:  { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, pool: { concurrency: 1, queued: 1 }, retry: { attempts: 2, backoff: 1h..1h } }
          maybe:  { contract: { mode: hybrid, wait: 50ms, caller: waits, deliverWithin: 1m }, handler: code, pool: { concurrency: 1 } }
        """;

    private readonly Steering _code = new() { Blocks = true };

    private Task<Node> StartAsync() => Node.StartAsync(Features, code =>
    {
        foreach (var feature in new[] { "quick", "other", "later", "again", "maybe" }) code.Add<Order, Order>(feature, _code.WorkAsync);
    });

    [Fact]
    public async Task A_call_beyond_slots_and_queue_is_refused_at_once_and_no_other_feature_notices()
    {
        await using var node = await StartAsync();
        var first = node.CallAsync("quick", """{"id":"1"}""");
        await _code.BeginsAsync();
        var second = node.CallAsync("quick", """{"id":"2"}""");

        var refused = (await node.CallAsync("quick", """{"id":"3"}""")).ShouldBeOfType<Answer.Refused>().Refusal;
        (refused.Kind, refused.Code).ShouldBe((RefusalKind.Unavailable, "pool-full"));
        refused.RetryAfter.ShouldNotBeNull();
        _code.LetGo("4");
        (await node.CallAsync("other", """{"id":"4"}""")).ShouldBeOfType<Answer.Done>();

        _code.LetGo("1");
        _code.LetGo("2");
        (await first).ShouldBeOfType<Answer.Done>();
        (await second).ShouldBeOfType<Answer.Done>();
        _code.Begun.ShouldBe(["1", "4", "2"]);
    }

    [Fact]
    public async Task A_caller_who_gives_up_waiting_leaves_its_place_to_the_next()
    {
        await using var node = await StartAsync();
        using var patience = new CancellationTokenSource();
        var first = node.CallAsync("quick", """{"id":"1"}""");
        await _code.BeginsAsync();
        var second = node.CallAsync("quick", """{"id":"2"}""", patience.Token);
        await patience.CancelAsync();
        (await second).ShouldBeOfType<Answer.Abandoned>();

        var third = node.CallAsync("quick", """{"id":"3"}""");
        _code.LetGo("1");
        _code.LetGo("3");

        (await first).ShouldBeOfType<Answer.Done>();
        (await third).ShouldBeOfType<Answer.Done>();
        _code.Begun.ShouldNotContain("2");
    }

    [Fact]
    public async Task A_queue_that_is_full_refuses_and_keeps_nothing_of_the_call()
    {
        await using var node = await StartAsync();
        await node.AcceptedAsync(node.Call("later", """{"id":"1"}"""));
        await _code.BeginsAsync();
        foreach (var id in new[] { "2", "3", "4" }) await node.AcceptedAsync(node.Call("later", $$"""{"id":"{{id}}"}"""));

        var call = node.Call("later", """{"id":"5"}""") with { IdempotencyKey = "k" };
        (await node.Engine.CallAsync(call, CancellationToken.None)).ShouldBeOfType<Answer.Refused>().Refusal.Code.ShouldBe("queue-full");
        (await node.Engine.ListAsync(Caller.Local, new JobFilter())).Jobs.Count.ShouldBe(4);

        foreach (var id in new[] { "1", "2", "3", "4", "5" }) _code.LetGo(id);
        foreach (var job in (await node.Engine.ListAsync(Caller.Local, new JobFilter())).Jobs) await node.EndOfAsync(job.Id);
        (await node.EndOfAsync((await node.AcceptedAsync(call)).Id)).State.ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task A_queue_is_filled_by_jobs_that_wait_for_their_time_as_well()
    {
        _code.Blocks = false;
        await using var node = await StartAsync();
        var tomorrow = DateTimeOffset.UtcNow.AddDays(1);
        var first = await node.AcceptedAsync(node.Call("later", """{"id":"1"}""") with { StartAt = tomorrow });
        foreach (var id in new[] { "2", "3" }) await node.AcceptedAsync(node.Call("later", $$"""{"id":"{{id}}"}""") with { StartAt = tomorrow });

        (await node.Engine.CallAsync(node.Call("later") with { StartAt = tomorrow }, CancellationToken.None)).ShouldBeOfType<Answer.Refused>().Refusal.Code.ShouldBe("queue-full");
        // One that begins as it is accepted waits for nothing, and so takes no place of those who do.
        (await node.EndOfAsync((await node.AcceptedAsync(node.Call("later"))).Id)).State.ShouldBe(JobState.Succeeded);

        await node.Engine.CancelAsync(Caller.Local, first.Id, CancellationToken.None);
        await node.AcceptedAsync(node.Call("later") with { StartAt = tomorrow });
    }

    [Fact]
    public async Task A_retry_goes_back_into_a_full_queue_and_counts_there()
    {
        await using var node = await StartAsync();
        _code.Failures = 1;
        var failing = await node.AcceptedAsync(node.Call("again", """{"id":"1"}"""));
        await _code.BeginsAsync();
        var queued = await node.AcceptedAsync(node.Call("again", """{"id":"2"}"""));

        _code.LetGo("1");
        await _code.BeginsAsync();
        (await node.Engine.FindAsync(Caller.Local, failing.Id))!.WaitingFor!.Code.ShouldBe("backoff");
        (await node.Engine.CallAsync(node.Call("again"), CancellationToken.None)).ShouldBeOfType<Answer.Refused>().Refusal.Code.ShouldBe("queue-full");

        _code.LetGo("2");
        await node.EndOfAsync(queued.Id);
    }

    [Fact]
    public async Task Queued_jobs_are_started_by_priority_and_then_by_age()
    {
        await using var node = await StartAsync();
        await node.AcceptedAsync(node.Call("maybe", """{"id":"first"}"""));
        await _code.BeginsAsync();
        foreach (var (id, priority) in new[] { ("low", 1), ("old", 5), ("new", 5), ("high", 9) })
        {
            await node.AcceptedAsync(node.Call("maybe", $$"""{"id":"{{id}}"}""") with { Priority = priority, PreferAsync = true });
        }

        var waiting = (await node.Engine.ListAsync(Caller.Local, new JobFilter { State = JobState.Queued })).Jobs;
        var last = (await node.Engine.FindAsync(Caller.Local, waiting.Single(job => job.Priority == 1).Id))!;
        (last.Position, last.WaitingFor!.Code).ShouldBe((4, "pool-full"));
        foreach (var id in new[] { "first", "low", "old", "new", "high" }) _code.LetGo(id);
        foreach (var job in waiting) await node.EndOfAsync(job.Id);

        _code.Begun.ShouldBe(["first", "high", "old", "new", "low"]);
    }

    [Fact]
    public async Task Code_that_never_awaits_does_not_hold_its_hybrid_caller_past_the_wait()
    {
        using var hold = new ManualResetEventSlim();
        await using var node = await Node.StartAsync(Features, code =>
        {
            foreach (var feature in new[] { "quick", "other", "later", "again" }) code.Add<Order, Order>(feature, _code.WorkAsync);
            code.Add<Order, Order>("maybe", (order, _, _) =>
            {
                hold.Wait(CancellationToken.None);
                return Task.FromResult(order);
            });
        });

        var job = await node.AcceptedAsync(node.Call("maybe"));

        hold.Set();
        (await node.EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task A_hybrid_call_with_a_free_slot_does_not_jump_those_who_wait()
    {
        await using var node = await StartAsync();
        await node.AcceptedAsync(node.Call("maybe", """{"id":"first"}"""));
        await _code.BeginsAsync();
        var waiting = await node.AcceptedAsync(node.Call("maybe", """{"id":"waiting"}"""));
        var late = await node.AcceptedAsync(node.Call("maybe", """{"id":"late"}"""));

        foreach (var id in new[] { "first", "waiting", "late" }) _code.LetGo(id);
        await node.EndOfAsync(waiting.Id);
        await node.EndOfAsync(late.Id);

        _code.Begun.ShouldBe(["first", "waiting", "late"]);
    }
}

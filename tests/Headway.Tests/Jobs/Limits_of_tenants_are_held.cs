using System.Collections.Concurrent;
using Headway.Access;
using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;
using Headway.Tests.Storage;

namespace Headway.Tests.Jobs;

/// <summary>How much of a tenant's work runs and is queued, by what the feature file says of it.</summary>
public sealed class Limits_of_tenants_are_held
{
    private const string Features = """
        features:
          work:  { contract: { mode: async, caller: leaves, deliverWithin: 5m }, handler: code, pool: { concurrency: 8 } }
          frail: { contract: { mode: async, caller: leaves, deliverWithin: 5m }, handler: code, retry: { attempts: 1 } }
          other: { contract: { mode: hybrid, wait: 50ms, caller: waits, deliverWithin: 5m }, handler: code, pool: { concurrency: 8 } }
        tenants:
          capped: { limits: { running: 2, queued: 3 } }

        """;

    private readonly Steering _code = new() { Blocks = true };
    private volatile bool _down;

    private Task<Node> StartAsync() => Node.StartAsync(Features, code =>
    {
        code.Add<Order, Order>("work", _code.WorkAsync);
        code.Add<Order, Order>("other", _code.WorkAsync);
        code.Add<Order, Order>("frail", (order, feature, stop) => _down ? throw new TimeoutException() : _code.WorkAsync(order, feature, stop));
    });

    private static Call Of(Node node, string tenant, string id, string feature = "work") => node.Call(feature, $$"""{"id":"{{id}}"}""") with { Caller = Caller.Local with { Tenant = tenant } };

    private static async Task<Job> AcceptedAsync(Node node, string tenant, string id, string feature = "work") => await node.AcceptedAsync(Of(node, tenant, id, feature));

    private static async Task<JobState> EndOfAsync(Node node, Job job) =>
        (await node.Engine.WaitAsync(Caller.Local with { Tenant = job.Tenant }, job.Id, TimeSpan.FromSeconds(20), CancellationToken.None))!.State;

    [Fact]
    public async Task What_runs_in_all_pools_together_is_no_more_than_the_limit_and_others_go_on()
    {
        await using var node = await StartAsync();
        await AcceptedAsync(node, "capped", "1");
        await _code.BeginsAsync();
        await AcceptedAsync(node, "capped", "2", "other");
        await _code.BeginsAsync();

        var third = await AcceptedAsync(node, "capped", "3");
        var fourth = await AcceptedAsync(node, "capped", "4", "other");
        await AcceptedAsync(node, "free", "5");

        (await _code.BeginsAsync()).ShouldBe("5");
        var waits = (await node.Engine.FindAsync(Caller.Local with { Tenant = "capped" }, third.Id))!.WaitingFor!;
        waits.Code.ShouldBe("tenant-limit");
        waits.Text.ShouldContain("The tenant capped runs 2 jobs");
        // Whichever pool the place comes from, whoever waits in any may have it.
        _code.LetGo("2");
        await _code.BeginsAsync();
        _code.LetGo("1");
        await _code.BeginsAsync();
        _code.LetGo("3");
        _code.LetGo("4");
        (await EndOfAsync(node, third)).ShouldBe(JobState.Succeeded);
        (await EndOfAsync(node, fourth)).ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task A_call_beyond_what_may_be_queued_is_told_to_come_back_and_others_are_accepted()
    {
        await using var node = await StartAsync();
        for (var i = 1; i <= 2; i++)
        {
            await AcceptedAsync(node, "capped", $"{i}");
            await _code.BeginsAsync();
        }
        for (var i = 3; i <= 5; i++) await AcceptedAsync(node, "capped", $"{i}");

        var refused = (await node.Engine.CallAsync(Of(node, "capped", "6"), CancellationToken.None)).ShouldBeOfType<Answer.Refused>().Refusal;

        (refused.Kind, refused.Code).ShouldBe((RefusalKind.Limited, "tenant-queue-full"));
        refused.RetryAfter.ShouldNotBeNull();
        await AcceptedAsync(node, "free", "7");
        _code.LetGo("1");
        await _code.BeginsAsync();
        await _code.BeginsAsync();
        await AcceptedAsync(node, "capped", "8");
    }

    [Fact]
    public async Task Dead_letters_are_replayed_as_far_as_their_tenant_has_room_and_count_from_then_on()
    {
        await using var node = await StartAsync();
        var caller = Caller.Local with { Tenant = "capped" };
        _down = true;
        for (var i = 1; i <= 5; i++) (await EndOfAsync(node, await AcceptedAsync(node, "capped", $"dead {i}", "frail"))).ShouldBe(JobState.Dead);
        _down = false;
        for (var i = 1; i <= 2; i++)
        {
            await AcceptedAsync(node, "capped", $"{i}");
            await _code.BeginsAsync();
        }
        await AcceptedAsync(node, "capped", "3");
        var ask = new ReplayAsk { Filter = new JobFilter { Feature = "frail" } };

        var foreseen = (await node.Engine.ReplayDeadAsync(caller, ask with { DryRun = true })).ShouldBeOfType<ReplayAnswer.Done>().Report;
        var done = (await node.Engine.ReplayDeadAsync(caller, ask)).ShouldBeOfType<ReplayAnswer.Done>().Report;

        foreach (var report in new[] { foreseen, done }) (report.Replayed, report.Passed["tenant-queue-full"]).ShouldBe((2, 3));
        (await node.Engine.CallAsync(Of(node, "capped", "4"), CancellationToken.None)).ShouldBeOfType<Answer.Refused>().Refusal.Code.ShouldBe("tenant-queue-full");
    }

    [Fact]
    public async Task A_limit_that_is_taken_away_lets_go_what_it_held()
    {
        await using var node = await StartAsync();
        for (var i = 1; i <= 4; i++)
        {
            await AcceptedAsync(node, "capped", $"{i}");
            if (i <= 2) await _code.BeginsAsync();
        }

        await node.ReloadAsync(Features.Replace("limits: { running: 2, queued: 3 }", "weight: 3", StringComparison.Ordinal));

        await _code.BeginsAsync();
        await _code.BeginsAsync();
        _code.Begun.Order().ShouldBe(["1", "2", "3", "4"]);
    }

    [Fact]
    public async Task What_was_accepted_by_limits_that_are_gone_is_let_go_as_well()
    {
        await using var node = await StartAsync();
        await node.ReloadAsync(Features.Replace("limits: { running: 2, queued: 3 }", "weight: 3", StringComparison.Ordinal));

        await AcceptedAsync(node, "free", "1");
        await _code.BeginsAsync();

        // As a call is written that met the limits before they went.
        await node.AcceptedAsync(Of(node, "capped", "2") with { StartAt = DateTimeOffset.UtcNow.AddHours(1) });
        await node.Engine.Database.WriteAsync(new Change("UPDATE queue SET gate = 'capped', state = 1, due = NULL, why = NULL WHERE state = 0"));

        (await _code.BeginsAsync()).ShouldBe("2");
        node.Number("SELECT count(*) FROM queue WHERE gate IS NOT NULL").ShouldBe(0);
    }
}

/// <summary>The same on two nodes of one PostgreSQL database, and how much of a pool runs on both together.</summary>
public sealed class Limits_are_held_over_nodes : IAsyncDisposable
{
    private const string Features = """
        features:
          work:   { contract: { mode: async, caller: leaves, deliverWithin: 5m }, handler: code, pool: { concurrency: 4 }, retry: { attempts: 3 } }
          narrow: { contract: { mode: async, caller: leaves, deliverWithin: 5m }, handler: code, pool: { concurrency: 4, cluster: 3 }, retry: { attempts: 3 } }
        tenants:
          default: { limits: { running: 5 } }

        """;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    private readonly ManyNodes _nodes = new(Features);
    private readonly ConcurrentQueue<int> _atOnce = new();
    private int _running;

    private Task<OneNode> StartAsync() => _nodes.StartAsync(Code(CountedAsync), lease: Lease);

    private static Action<CodeHandlers> Code(Steering steering) => Code(steering.WorkAsync);

    private static Action<CodeHandlers> Code(Func<Order, FeatureContext, CancellationToken, Task<Order>> work) => code =>
    {
        code.Add("work", work);
        code.Add("narrow", work);
    };

    private async Task<Order> CountedAsync(Order order, FeatureContext feature, CancellationToken stop)
    {
        _atOnce.Enqueue(Interlocked.Increment(ref _running));
        for (var i = 0; i < 20; i++) await Task.Yield();
        await _nodes.NumberAsync("SELECT count(*) FROM queue WHERE state = 2");
        Interlocked.Decrement(ref _running);
        return order;
    }

    [PostgresTheory]
    [InlineData("work", 5)]
    [InlineData("narrow", 3)]
    public async Task However_many_nodes_claim(string feature, int most)
    {
        var nodes = new[] { await StartAsync(), await StartAsync(), await StartAsync() };

        var jobs = await Task.WhenAll(Enumerable.Range(0, 150).Select(i => nodes[i % 3].AcceptedAsync(feature, $$"""{"id":"{{i}}"}""")));
        foreach (var job in jobs) (await nodes[0].EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);

        _atOnce.Count.ShouldBe(150);
        _atOnce.Max().ShouldBeInRange(2, most);
    }

    [PostgresTheory]
    [InlineData("work", 5)]
    [InlineData("narrow", 3)]
    public async Task The_places_of_a_dead_node_come_back_with_its_lease(string feature, int most)
    {
        var (first, second) = (new Steering { Blocks = true }, new Steering());
        var dying = await _nodes.StartAsync(Code(first), lease: Lease);
        var jobs = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => dying.AcceptedAsync(feature, $$"""{"id":"{{i}}"}""")));
        var held = Math.Min(most, 4);
        for (var i = 0; i < held; i++) await first.BeginsAsync();
        var next = await _nodes.StartAsync(Code(second), lease: Lease);

        dying.Die();
        foreach (var job in jobs) (await next.EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);

        (await _nodes.NumberAsync("SELECT count(*) FROM attempts WHERE outcome = 'crashed'")).ShouldBe(held);
        second.Begun.Distinct().Count().ShouldBe(6);
    }

    public ValueTask DisposeAsync() => _nodes.DisposeAsync();
}

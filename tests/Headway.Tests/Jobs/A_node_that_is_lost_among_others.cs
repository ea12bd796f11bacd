using System.Diagnostics;
using Headway.Features;
using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;

namespace Headway.Tests.Jobs;

/// <summary>Two nodes on one PostgreSQL database; what one of them held when it left, died or slept goes on with the other.</summary>
public sealed class A_node_that_is_lost_among_others : IAsyncDisposable
{
    private const string Features = """
        features:
          work: { contract: { mode: async, caller: leaves, deliverWithin: 5m }, handler: code, pool: { concurrency: 4 }, retry: { attempts: 1 } }
          once: { contract: { mode: stream, caller: waits }, handler: code }
        """;

    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(2);

    private readonly ManyNodes _nodes = new(Features);
    private readonly Steering _first = new() { Blocks = true };
    private readonly Steering _second = new();

    private static Action<CodeHandlers> Code(Steering steering) => code =>
    {
        code.Add<Order, Order>("work", steering.WorkAsync);
        code.Add<Order, string>("once", steering.TokensAsync);
    };

    private Task<OneNode> SecondAsync() => _nodes.StartAsync(Code(_second), lease: Lease);

    [Fact]
    public async Task By_a_stop_hands_over_at_once_and_the_attempt_does_not_count()
    {
        // Of a lease that nobody waits for.
        var first = await _nodes.StartAsync(Code(_first));
        var job = await first.AcceptedAsync("work");
        await _first.BeginsAsync();
        var second = await SecondAsync();
        await second.HearsAsync();

        await first.DisposeAsync();
        var began = Stopwatch.StartNew();
        var ended = await second.EndOfAsync(job.Id);

        (ended.State, ended.Attempt).ShouldBe((JobState.Succeeded, 2));
        began.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(2.5));
        (await second.Engine.AttemptsAsync(Headway.Access.Caller.Local, job.Id)).Select(attempt => attempt.Outcome).ShouldBe(["handed-back", "succeeded"]);
    }

    [Fact]
    public async Task By_death_is_rescued_when_its_lease_has_run_out_and_can_write_nothing_afterwards()
    {
        var first = await _nodes.StartAsync(Code(_first), lease: Lease);
        var job = await first.AcceptedAsync("work");
        var stream = (await first.CallAsync("once", """{"id":"s"}""")).ShouldBeOfType<Answer.Streaming>().Job;
        await _first.BeginsAsync();
        await _first.BeginsAsync();
        var second = await SecondAsync();

        first.Die();
        var ended = await second.EndOfAsync(job.Id);

        (ended.State, ended.Attempt).ShouldBe((JobState.Succeeded, 2));
        var lost = await second.EndOfAsync(stream.Id);
        (lost.State, lost.Error!.Code).ShouldBe((JobState.Failed, "node-lost"));
    }

    [Fact]
    public async Task By_a_pause_past_its_lease_writes_nothing_when_it_wakes()
    {
        var first = await _nodes.StartAsync(Code(_first), lease: Lease);
        var job = await first.AcceptedAsync("work");
        await _first.BeginsAsync();
        // Nothing of it reaches the database, and nothing in it notices: each of its writes stands still, as if the process did.
        using var awake = new ManualResetEventSlim();
        first.Fault = boundary =>
        {
            if (boundary.EndsWith(":before-commit", StringComparison.Ordinal)) awake.Wait(TimeSpan.FromSeconds(60));
        };
        var second = await SecondAsync();
        var ended = await second.EndOfAsync(job.Id);
        var before = await _nodes.NumberAsync("SELECT count(*) FROM audit_events");

        first.Fault = null;
        awake.Set();
        _first.LetGo("a");
        await first.Log.UntilAsync("the lease was lost");

        (await second.EndOfAsync(job.Id)).ShouldBe(ended with { });
        (ended.State, ended.Attempt).ShouldBe((JobState.Succeeded, 2));
        (await _nodes.NumberAsync("SELECT count(*) FROM audit_events")).ShouldBe(before);
        // And it works again, under a new number.
        _first.Blocks = false;
        await second.DisposeAsync();
        (await first.EndOfAsync((await first.AcceptedAsync("work", """{"id":"b"}""")).Id)).State.ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task Nothing_is_claimed_under_a_lease_that_has_run_out()
    {
        var front = await _nodes.StartAsync(Code(_first), new NodeDuty { Worker = false });
        await front.AcceptedAsync("work");
        var pool = await _nodes.NumberAsync("SELECT pool FROM queue");
        var (database, now) = (front.Engine.Database, front.Engine.Database.Now);
        var lease = await database.WriteAsync(new TakeLease("paused", 1, now + 60_000, "1", now));

        (await database.WriteAsync(new ClaimJobs(pool, lease, "paused", DataClass.Internal, 10, now + 60_001))).ShouldBeEmpty();
        (await database.WriteAsync(new ClaimJobs(pool, lease, "paused", DataClass.Internal, 10, now + 59_999))).Count.ShouldBe(1);
    }

    [Fact]
    public async Task The_time_is_the_databases_at_each_beat_of_the_lease()
    {
        var second = await SecondAsync();
        var began = second.Engine.Database.Now;

        // Whatever sets the clock of its machine.
        await second.Engine.Database.WriteAsync(new Change("CREATE OR REPLACE FUNCTION headway_now() RETURNS bigint LANGUAGE sql STABLE AS 'SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint + 3600000'"));
        while (second.Engine.Database.Now < began + 3_600_000) await _nodes.NumberAsync("SELECT 1");

        (await second.EndOfAsync((await second.AcceptedAsync("work")).Id)).State.ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task What_is_held_under_a_lease_that_is_gone_is_taken_back_while_nodes_run()
    {
        _second.Blocks = true;
        var second = await SecondAsync();
        var job = await second.AcceptedAsync("work");
        await _second.BeginsAsync();

        // As a claim that was committed by a node in the moment in which its lease was rescued.
        await second.Engine.Database.WriteAsync(new Change("UPDATE queue SET lease = 4711"));
        await _second.StopsAsync();
        _second.Blocks = false;

        (await second.EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task What_a_node_holds_and_does_not_run_is_given_back_and_not_counted()
    {
        // It claims nothing by itself.
        var first = await _nodes.StartAsync(Code(_first), new NodeDuty { Worker = false }, Lease);
        var job = await first.AcceptedAsync("work");

        // As a claim that was committed and never acknowledged, and of which nobody could be asked.
        await first.Engine.Database.WriteAsync(new Change("UPDATE queue SET state = 2, attempt = 1, started = 1, lease = (SELECT max(id) FROM leases)"));
        await SecondAsync();
        var ended = await first.EndOfAsync(job.Id);

        (ended.State, ended.Attempt).ShouldBe((JobState.Succeeded, 2));
        (await first.Engine.AttemptsAsync(Headway.Access.Caller.Local, job.Id)).Select(attempt => attempt.Outcome).ShouldBe(["handed-back", "succeeded"]);
        await first.Log.UntilAsync("1 jobs were held and did not run");
    }

    public ValueTask DisposeAsync() => _nodes.DisposeAsync();
}

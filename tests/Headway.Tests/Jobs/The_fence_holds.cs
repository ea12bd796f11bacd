using Headway.Access;
using Headway.Budgets;
using Headway.Features;
using Headway.Jobs;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Streams;
using Headway.Tests.Storage;

namespace Headway.Tests.Jobs;

/// <summary>Two leases on one database: the first is taken for dead, awakes, and tries to write as if nothing had happened.</summary>
public sealed class The_fence_holds
{
    private const string Features = """
        features:
          work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }
        """;

    private static async Task<(Node Node, JobId Job, long Pool)> WithScheduledJobAsync()
    {
        var node = await Node.StartAsync(Features, code => code.Add<Order, Order>("work", (order, _, _) => Task.FromResult(order)));
        var job = await node.AcceptedAsync(node.Call("work") with { StartAt = DateTimeOffset.UtcNow.AddHours(1) });
        var pool = (await node.Engine.Database.WriteAsync(new RegisterVersion(node.Engine.Features.Features["work"].Latest, 0))).Pool;
        // Moved to a pool that this node does not claim from, and made claimable.
        await node.Engine.Database.WriteAsync(new Change($"UPDATE queue SET pool = {pool + 100}; UPDATE queue SET state = 1, due = NULL"));
        return (node, job.Id, pool + 100);
    }

    [Fact]
    public async Task A_node_that_lost_its_lease_can_end_retry_stream_and_report_nothing()
    {
        var (node, id, pool) = await WithScheduledJobAsync();
        await using var _ = node;
        var database = node.Engine.Database;
        var zombie = await database.WriteAsync(new TakeLease("zombie", 1, 2, "1", 0));
        var claimed = (await database.WriteAsync(new ClaimJobs(pool, zombie, "zombie", DataClass.Internal, 10, 1))).ShouldHaveSingleItem();

        (await database.WriteAsync(new RescueLease(zombie, null, 10, "rescuer", 2))).Requeued.ShouldBe(1);
        var other = await database.WriteAsync(new TakeLease("other", 1, long.MaxValue, "1", 0));
        var second = (await database.WriteAsync(new ClaimJobs(pool, other, "other", DataClass.Internal, 10, 3))).ShouldHaveSingleItem();

        second.Fence.Attempt.ShouldBe(claimed.Fence.Attempt + 1);
        second.Crashes.ShouldBe(1);
        (await database.WriteAsync(new EndJob(claimed.Fence, Ended(4), null, [new LogRow(1, 1, [1])]))).ShouldBeFalse();
        (await database.WriteAsync(new RetryJob(claimed.Fence, new Rescheduling(null, null, 0, 0), Failed(claimed.Fence), CallsOfAttempt.None, [], []))).ShouldBeFalse();
        (await database.WriteAsync(new AppendOutput(claimed.Fence, new LogRow(1, 1, [1])))).ShouldBeFalse();
        (await database.WriteAsync(new SetProgress(claimed.Fence, [1]))).ShouldBeFalse();
        (await database.WriteAsync(new EndJob(second.Fence, Ended(5), null, []))).ShouldBeTrue();
        (await database.WriteAsync(new EndJob(second.Fence, Ended(6), null, []))).ShouldBeFalse();
        (await node.Engine.FindAsync(Caller.Local, id))!.Finished.ShouldBe(DateTimeOffset.FromUnixTimeMilliseconds(5));
        database.Read(session =>
        {
            using var rows = session.Prepare("SELECT (SELECT count(*) FROM stream_log) + (SELECT count(*) FROM queue)");
            rows.Step();
            return rows.Int64(0);
        }).ShouldBe(0);
    }

    [Fact]
    public async Task A_job_that_is_claimed_between_the_look_at_the_clock_and_its_cancelling_does_not_end_before_it_started()
    {
        var (node, id, pool) = await WithScheduledJobAsync();
        await using var _ = node;
        var lease = await node.Engine.Database.WriteAsync(new TakeLease("other", 1, long.MaxValue, "1", 0));
        await node.Engine.Database.WriteAsync(new ClaimJobs(pool, lease, "other", DataClass.Internal, 10, 9));

        (await node.Engine.Database.WriteAsync(new CancelJob(id, "default", 1, (_, _, started) => Ended(4) with { State = JobState.Cancelled, Started = started }))).ShouldBe(Cancelled.Ended);

        var job = (await node.Engine.FindAsync(Caller.Local, id)).ShouldNotBeNull();
        (job.Started, job.Finished).ShouldBe((DateTimeOffset.FromUnixTimeMilliseconds(9), DateTimeOffset.FromUnixTimeMilliseconds(9)));
    }

    [Fact]
    public async Task A_job_under_which_three_nodes_died_is_poison()
    {
        var (node, id, pool) = await WithScheduledJobAsync();
        await using var _ = node;
        var database = node.Engine.Database;
        for (var death = 1; death <= RetryPolicy.CrashLimit; death++)
        {
            var lease = await database.WriteAsync(new TakeLease("mortal", death, death + 1, "1", 0));
            (await database.WriteAsync(new ClaimJobs(pool, lease, "mortal", DataClass.Internal, 10, death))).Count.ShouldBe(1);
            await database.WriteAsync(new RescueLease(lease, null, 10, "rescuer", death));
            // The last try comes a little later, apart from others.
            await database.WriteAsync(new PromoteDue(long.MaxValue, 10, _ => 1));
        }

        var job = (await node.Engine.FindAsync(Caller.Local, id))!;
        (job.State, job.Error!.Code).ShouldBe((JobState.Dead, "poison"));
        (await node.Engine.AttemptsAsync(Caller.Local, id)).Select(attempt => attempt.Outcome).ShouldBe(["crashed", "crashed", "crashed"]);
        (await node.AuditOfAsync(id)).ShouldBe(["submitted", "started", "started", "started", "died"]);
    }

    [Fact]
    public async Task Many_who_claim_at_once_never_get_the_same_job()
    {
        var node = await Node.StartAsync(Features, code => code.Add<Order, Order>("work", (order, _, _) => Task.FromResult(order)));
        await using var _ = node;
        var database = node.Engine.Database;
        await Task.WhenAll(Enumerable.Range(0, 200).Select(_ => node.AcceptedAsync(node.Call("work") with { StartAt = DateTimeOffset.UtcNow.AddHours(1) })));
        await database.WriteAsync(new Change("UPDATE queue SET pool = 999; UPDATE queue SET state = 1, due = NULL"));
        var leases = await Task.WhenAll(Enumerable.Range(0, 8).Select(n => database.WriteAsync(new TakeLease($"n{n}", 1, long.MaxValue, "1", 0))));

        var claims = await Task.WhenAll(leases.SelectMany(lease => Enumerable.Range(0, 5).Select(_ => database.WriteAsync(new ClaimJobs(999, lease, "n", DataClass.Internal, 7, 1)))));

        var jobs = claims.SelectMany(claim => claim).Select(claim => claim.Fence.Job).ToList();
        jobs.Count.ShouldBe(200);
        jobs.Distinct().Count().ShouldBe(200);
    }

    private static Ending Ended(long at) => new() { State = JobState.Succeeded, Finished = at, Result = [1], ResultType = "application/json", Audit = [] };

    private static FailedAttempt Failed(Fence fence) => new(fence.Job, fence.Attempt, 1, 2, "failed", "zombie", null, null, default);
}

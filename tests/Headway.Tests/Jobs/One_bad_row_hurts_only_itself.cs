using Headway.Access;
using Headway.Features;
using Headway.Jobs;
using Headway.Jobs.Storage;
using Headway.Tests.Storage;

namespace Headway.Tests.Jobs;

public sealed class One_bad_row_hurts_only_itself
{
    private const string Features = """
        features:
          good: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retention: { payload: 1h, record: 2h, dead: 2d } }
          bad:  { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retention: { payload: 1h, record: 2h, dead: 2d } }
        """;

    private const string Break = "UPDATE definitions SET json = '{' WHERE feature = 'bad'";
    private const int Minute = 60_000;

    private readonly Steering _code = new();

    private Task<Node> StartAsync() => Node.StartAsync(Features, code =>
    {
        foreach (var feature in new[] { "good", "bad" }) code.Add<Order, Order>(feature, _code.WorkAsync);
    });

    /// <summary>One job of each, held under a lease whose node is gone, with one crash left.</summary>
    private static async Task<(JobId Good, JobId Bad, long Lease)> LostAsync(Node node)
    {
        var jobs = new List<JobId>();
        foreach (var feature in new[] { "bad", "good" }) jobs.Add((await node.AcceptedAsync(node.Call(feature) with { StartAt = DateTimeOffset.UtcNow.AddHours(1) })).Id);
        var lease = await node.Engine.Database.WriteAsync(new TakeLease("gone", 1, long.MaxValue - 1, "1", 0));
        await node.Engine.Database.WriteAsync(new Change("UPDATE queue SET pool = 999, crashes = 2; UPDATE queue SET state = 1, due = NULL"));
        (await node.Engine.Database.WriteAsync(new ClaimJobs(999, lease, "gone", DataClass.Internal, 10, 1))).Count.ShouldBe(2);
        return (jobs[1], jobs[0], lease);
    }

    private static long One(Node node, string question) => node.Engine.Database.Read(session =>
    {
        using var rows = session.Prepare(question);
        rows.Step();
        return rows.Int64(0);
    });

    [Fact]
    public async Task A_definition_that_cannot_be_read_does_not_keep_the_others_of_its_lease_from_being_rescued()
    {
        await using var node = await StartAsync();
        var (good, bad, lease) = await LostAsync(node);
        await node.Engine.Database.WriteAsync(new Change(Break));

        var rescued = await node.Engine.Database.WriteAsync(new RescueLease(lease, null, 10, "rescuer", 2));

        (rescued.Ended, rescued.More).ShouldBe((2, false));
        rescued.Bad.ShouldHaveSingleItem().Job.ShouldBe(bad);
        foreach (var job in new[] { good, bad }) (await node.Engine.FindAsync(Caller.Local, job))!.State.ShouldBe(JobState.Dead);
        // What nobody can read decides nothing: the one is pruned in its time, the other is kept.
        One(node, "SELECT count(*) FROM jobs WHERE prune IS NOT NULL").ShouldBe(1);
    }

    [Fact]
    public async Task A_job_whose_definition_cannot_be_read_can_be_cancelled()
    {
        await using var node = await StartAsync();
        var bad = (await node.AcceptedAsync(node.Call("bad") with { StartAt = DateTimeOffset.UtcNow.AddHours(1) })).Id;
        await node.Engine.Database.WriteAsync(new Change(Break));
        // Its feature is in the file no more, so nothing of it is known from there.
        await node.RestartAsync(Features[..Features.IndexOf("  bad:", StringComparison.Ordinal)]);

        (await node.Engine.CancelAsync(Caller.Local, bad, CancellationToken.None)).ShouldNotBeNull().State.ShouldBe(JobState.Cancelled);

        (await node.AuditOfAsync(bad)).ShouldBe(["submitted", "cancelled"]);
        One(node, "SELECT count(*) FROM jobs WHERE prune IS NOT NULL").ShouldBe(0);
    }

    [Fact]
    public async Task Nor_does_it_keep_the_node_from_starting()
    {
        await using var node = await StartAsync();
        var (good, bad, lease) = await LostAsync(node);
        await node.Engine.Database.WriteAsync(new Change($"{Break}; UPDATE leases SET expires = 1 WHERE id = {lease}"));

        await node.RestartAsync();

        await node.Log.UntilAsync(bad.ToString(), "its definition cannot be read");
        foreach (var job in new[] { good, bad }) (await node.Engine.FindAsync(Caller.Local, job))!.Error!.Code.ShouldBe("poison");
    }

    [Fact]
    public async Task A_row_that_cannot_be_rescued_stays_held_and_the_others_are_rescued()
    {
        await using var node = await StartAsync();
        var (good, bad, lease) = await LostAsync(node);
        await node.Engine.Database.WriteAsync(new Change($"UPDATE jobs SET state = 5, finished = 1 WHERE id = {TestDatabase.Id(bad)}"));

        var rescued = await node.Engine.Database.WriteAsync(new RescueLease(lease, null, 10, "rescuer", 2));

        rescued.Jobs.ShouldHaveSingleItem().ShouldBe(good);
        rescued.Bad.ShouldHaveSingleItem().Job.ShouldBe(bad);
        One(node, $"SELECT count(*) FROM queue WHERE state = 2 AND lease = {lease}").ShouldBe(1);
        One(node, $"SELECT count(*) FROM leases WHERE id = {lease}").ShouldBe(0);
    }

    [Fact]
    public async Task A_definition_that_cannot_be_read_does_not_keep_the_others_from_being_pruned()
    {
        await using var node = await StartAsync();
        var good = await node.EndOfAsync((await node.AcceptedAsync(node.Call("good"))).Id);
        var bad = await node.EndOfAsync((await node.AcceptedAsync(node.Call("bad"))).Id);
        await node.Engine.Database.WriteAsync(new Change(Break));
        var now = node.Engine.Database.Now;

        var payloads = await node.Engine.Database.WriteAsync(new PruneHistory(now + (90 * Minute), 10));
        (payloads.Records, payloads.Payloads).ShouldBe((0, 2));
        payloads.Bad.ShouldHaveSingleItem().Job.ShouldBe(bad.Id);

        var records = await node.Engine.Database.WriteAsync(new PruneHistory(now + (180 * Minute), 10));
        (records.Records, records.Payloads, records.Bad.Count).ShouldBe((1, 0, 0));
        (await node.Engine.FindAsync(Caller.Local, good.Id)).ShouldBeNull();
        (await node.Engine.FindAsync(Caller.Local, bad.Id)).ShouldNotBeNull();
    }

    [Theory, InlineData("about"), InlineData("error"), InlineData("definition"), InlineData("progress")]
    public async Task What_cannot_be_opened_of_a_job_does_not_keep_the_others_from_being_listed(string broken)
    {
        await using var node = await StartAsync();
        var good = await node.EndOfAsync((await node.AcceptedAsync(node.Call("good") with { Subject = "encounter/1" })).Id);
        var bad = (await node.AcceptedAsync(node.Call("bad") with { Subject = "encounter/2", StartAt = DateTimeOffset.UtcNow.AddHours(1) })).Id;
        var other = (await node.AcceptedAsync(node.Call("good") with { Subject = "encounter/3", StartAt = DateTimeOffset.UtcNow.AddHours(1) })).Id;
        var (damage, id) = (TestDatabase.Bytes([1, 2, 3]), TestDatabase.Id(bad));
        await node.Engine.Database.WriteAsync(new Change(broken switch
        {
            "about" => $"UPDATE jobs SET about = {damage} WHERE id = {id}",
            "error" => $"UPDATE jobs SET error = {damage}, error_code = 'x', error_kind = 0 WHERE id = {id}",
            "progress" => $"UPDATE queue SET progress = {damage} WHERE job = {id}",
            _ => Break,
        }));

        var page = (await node.Engine.ListAsync(Caller.Local, new JobFilter())).Jobs;

        page.Select(job => job.Id).ShouldBe([other, bad, good.Id]);
        page.Where(job => job.Id != bad).Select(job => job.Subject).ShouldBe(["encounter/3", "encounter/1"]);
        (await node.Engine.ListAsync(Caller.Local, new JobFilter { Limit = 1, After = other })).Jobs.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            job => job.Id.ShouldBe(bad), job => job.State.ShouldBe(JobState.Scheduled), job => job.Feature.ShouldBe("bad"));
    }

    [Fact]
    public async Task A_claim_that_cannot_be_read_back_comes_again_later_and_counts_no_crash()
    {
        await using var node = await StartAsync();
        var job = await node.AcceptedAsync(node.Call("good") with { StartAt = DateTimeOffset.UtcNow.AddHours(1) });

        await node.Engine.Database.WriteAsync(new Change("ALTER TABLE payloads RENAME TO hidden; UPDATE queue SET due = 1"));
        await node.Log.UntilAsync(job.Id.ToString(), "could not be run");
        await node.Engine.Database.WriteAsync(new Change("ALTER TABLE hidden RENAME TO payloads"));

        (await node.EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);
        var outcomes = (await node.Engine.AttemptsAsync(Caller.Local, job.Id)).Select(attempt => attempt.Outcome).ToList();
        outcomes[0].ShouldBe("handed-back");
        outcomes.ShouldNotContain("crashed");
        One(node, "SELECT failures FROM jobs").ShouldBe(0);
    }
}

using System.Text;
using Headway.Access;
using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Jobs.Storage;
using Headway.Jobs.Subjects;
using Headway.Payloads.Files;
using Headway.Payloads.Holds;
using Headway.Tests.Payloads;
using Headway.Tests.Storage;
using Headway.Upstream;

namespace Headway.Tests.Jobs;

public sealed class A_subject_is_erased_or_held
{
    private const string Features = """
        features:
          work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retry: { attempts: 1 }, metadata: [ ward ], retention: { payload: 1h, record: 2h, dead: 3h } }
          quick: { contract: { mode: sync, caller: waits, acceptableWait: 2s }, handler: code, fallback: none, metadata: [ ward ] }
        """;

    private static readonly long Hour = (long)TimeSpan.FromHours(1).TotalMilliseconds;

    private readonly Steering _code = new();

    private Task<Node> StartAsync() => Node.StartAsync(Features, Code);

    private void Code(CodeHandlers code)
    {
        code.Add<Order, Order>("work", _code.WorkAsync);
        code.Add<Order, Order>("quick", (order, _, _) => Task.FromResult(order));
    }

    [Fact]
    public async Task Nothing_of_it_can_be_read_afterwards_and_the_rest_of_the_tenant_can()
    {
        _code.Failures = 1;
        await using var node = await StartAsync();
        var dead = await EndedAsync(node, "work", "encounter/1");
        var done = await EndedAsync(node, "work", "encounter/1");
        var other = await EndedAsync(node, "work", "encounter/2");
        var file = await KeepAsync(node, "encounter/1");
        await node.Engine.CallAsync(node.Call("quick") with { Subject = "encounter/1", Metadata = """{"ward":"B4"}""" }, CancellationToken.None);
        dead.State.ShouldBe(JobState.Dead);

        var erased = (await EraseAsync(node, "encounter/1")).ShouldBeOfType<ErasureVerdict.Erased>();

        (erased.Jobs, erased.Files, erased.Keys.Count).ShouldBe((3, 1, 1));
        foreach (var id in new[] { dead.Id, done.Id })
        {
            var left = (await node.Engine.FindAsync(Caller.Local, id)).ShouldNotBeNull();
            (left.Subject, left.Metadata, left.State).ShouldBe((null, null, id == dead.Id ? JobState.Dead : JobState.Succeeded));
        }
        (await node.Engine.ResultAsync(Caller.Local, done.Id, CancellationToken.None)).ShouldBeOfType<ResultAnswer.Refused>().Refusal.Code.ShouldBe("result-expired");
        node.Engine.KeptFiles.Find("default", file).ShouldBeNull();
        (await node.Engine.ListAsync(Caller.Local, new() { Limit = 100 })).Jobs.Count(job => job.Subject is not null).ShouldBe(1);
        node.Number("SELECT count(*) FROM jobs WHERE searchable IS NOT NULL").ShouldBe(1);
        (await node.Engine.FindAsync(Caller.Local, other.Id))!.Subject.ShouldBe("encounter/2");
        (await node.Engine.ResultAsync(Caller.Local, other.Id, CancellationToken.None)).ShouldBeOfType<ResultAnswer.Found>();
        (await node.Engine.AuditAsync(Caller.Local, done.Id)).Select(entry => entry.Action).ShouldContain("erased");
    }

    [Fact]
    public async Task Its_key_is_nowhere_in_the_database_any_more()
    {
        await using var node = await StartAsync();
        await EndedAsync(node, "work", "encounter/1");
        var key = Wrapped(node);
        Found(node, key).ShouldBeTrue();

        await EraseAsync(node, "encounter/1");
        // What comes next finds the log empty, if nobody read it just then.
        await EndedAsync(node, "work", "encounter/2");

        if (TestDatabase.IsSqlite) Found(node, key).ShouldBeFalse();
        node.Number("SELECT count(*) FROM destroyed_keys").ShouldBe(1);
        node.Number($"SELECT count(*) FROM data_keys WHERE wrapped = {TestDatabase.Bytes(key)}").ShouldBe(0);
    }

    [Fact]
    public async Task A_copy_of_what_was_sealed_does_not_open_and_a_new_call_begins_with_a_new_key()
    {
        await using var node = await StartAsync();
        var before = await EndedAsync(node, "work", "encounter/1");
        var copy = await node.Engine.Database.ReadAsync(async session =>
        {
            using var read = session.Prepare("SELECT about FROM jobs WHERE about IS NOT NULL");
            await read.StepAsync();
            return read.Blob(0)!;
        });
        await EraseAsync(node, "encounter/1");

        // As from a backup that is put back beside the keys of today.
        await node.Engine.Database.WriteAsync(new Change($"UPDATE jobs SET about = {TestDatabase.Bytes(copy)}"));
        (await node.Engine.FindAsync(Caller.Local, before.Id))!.Subject.ShouldBeNull();
        await node.RestartAsync();
        (await node.Engine.FindAsync(Caller.Local, before.Id))!.Subject.ShouldBeNull();

        var after = await EndedAsync(node, "work", "encounter/1");
        after.Subject.ShouldBe("encounter/1");
        after.State.ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task While_jobs_of_it_are_under_way_nothing_is_erased()
    {
        await using var node = await StartAsync();
        var done = await EndedAsync(node, "work", "encounter/1");
        await node.AcceptedAsync(node.Call("work") with { Subject = "encounter/1", StartAt = DateTimeOffset.UtcNow.AddHours(1) });

        (await EraseAsync(node, "encounter/1")).ShouldBe(new ErasureVerdict.Busy(1));

        (await node.Engine.ResultAsync(Caller.Local, done.Id, CancellationToken.None)).ShouldBeOfType<ResultAnswer.Found>();
    }

    [Fact]
    public async Task Under_a_legal_hold_nothing_goes_by_retention_by_deletion_or_by_erasure()
    {
        await using var node = await StartAsync();
        var held = await EndedAsync(node, "work", "encounter/1");
        var free = await EndedAsync(node, "work", "encounter/2");
        var file = await KeepAsync(node, "encounter/1", expiresAfter: TimeSpan.FromMinutes(30));

        (await node.Engine.Oversight.Holds.HoldAsync(Caller.Local, "encounter/1", "case 114")).ShouldBeTrue();
        (await node.Engine.Oversight.Holds.HoldAsync(Caller.Local, "encounter/1", "again")).ShouldBeFalse();

        var late = node.Engine.Database.Now + (5 * Hour);
        await node.Engine.Database.WriteAsync(new PruneHistory(late, 10));
        (await node.Engine.FindAsync(Caller.Local, free.Id)).ShouldBeNull();
        (await node.Engine.ResultAsync(Caller.Local, held.Id, CancellationToken.None)).ShouldBeOfType<ResultAnswer.Found>();
        (await node.Engine.ForgetAsync(Caller.Local, held.Id)).ShouldBe(Forgotten.Held);
        (await node.Engine.KeptFiles.DeleteAsync(Caller.Local, file)).ShouldBe(KeptEnd.Held);
        (await EraseAsync(node, "encounter/1")).ShouldBe(new ErasureVerdict.Held());
        (await node.Engine.Oversight.Holds.ListAsync("default")).ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            hold => hold.Subject.ShouldBe("encounter/1"), hold => hold.Reason.ShouldBe("case 114"), hold => hold.Actor.ShouldBe("local"));
        (await node.Engine.Oversight.Holds.ListAsync("other")).ShouldBeEmpty();

        (await node.Engine.Oversight.Holds.ReleaseAsync(Caller.Local, "encounter/1")).ShouldBeTrue();
        (await node.Engine.Oversight.Holds.ReleaseAsync(Caller.Local, "encounter/1")).ShouldBeFalse();
        await node.Engine.Database.WriteAsync(new PruneHistory(late + (25 * Hour), 10));
        (await node.Engine.FindAsync(Caller.Local, held.Id)).ShouldBeNull();
        node.Number("SELECT count(*) FROM audit_events WHERE action IN ('held', 'released') AND subject IS NOT NULL").ShouldBe(2);
    }

    [Fact]
    public async Task A_file_that_expired_under_a_hold_stays_until_it_is_released()
    {
        var time = new ManualTime(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));
        await using var shelf = new KeptShelf(time);
        await shelf.OpenAsync();
        await shelf.KeepAsync(subject: "encounter/1", expires: TimeSpan.FromHours(1));
        var holds = new LegalHolds(shelf.Database, shelf.Vault, () => "node");
        await holds.HoldAsync(Caller.Local, "encounter/1", "case 114");
        var late = time.GetUtcNow().AddHours(2);

        (await shelf.Pruner.RunOnceAsync(late, CancellationToken.None)).Files.ShouldBe(0);
        await holds.ReleaseAsync(Caller.Local, "encounter/1");
        (await shelf.Pruner.RunOnceAsync(late, CancellationToken.None)).Files.ShouldBe(1);
    }

    [PostgresFact]
    public async Task Other_nodes_forget_a_destroyed_key()
    {
        await using var node = await StartAsync();
        var done = await EndedAsync(node, "work", "encounter/1");
        await using var beside = await node.AfterKillAsync(Code);
        (await beside.Engine.FindAsync(Caller.Local, done.Id))!.Subject.ShouldBe("encounter/1");
        var about = await node.Engine.Database.ReadAsync(async session =>
        {
            using var read = session.Prepare("SELECT about FROM jobs WHERE about IS NOT NULL");
            await read.StepAsync();
            return read.Blob(0)!;
        });

        await EraseAsync(node, "encounter/1");
        await node.Engine.Database.WriteAsync(new Change($"UPDATE jobs SET about = {TestDatabase.Bytes(about)}"));

        await Until.IsSoAsync(async () => (await beside.Engine.FindAsync(Caller.Local, done.Id))!.Subject is null);
    }

    private static Task<ErasureVerdict> EraseAsync(Node node, string subject) => node.Engine.Oversight.Erasure.EraseAsync(Caller.Local, subject, CancellationToken.None);

    private static async Task<Job> EndedAsync(Node node, string feature, string subject) =>
        await node.EndOfAsync((await node.AcceptedAsync(node.Call(feature) with { Subject = subject, Metadata = """{"ward":"B4"}""" })).Id);

    private static async Task<FileId> KeepAsync(Node node, string subject, TimeSpan? expiresAfter = null)
    {
        using var content = new MemoryStream(Encoding.UTF8.GetBytes("a letter"));
        var arrived = (await node.Engine.KeptFiles.TakeAsync(Caller.Local, subject, "letter.txt", "text/plain", content, CancellationToken.None)).ShouldBeOfType<ArrivalOutcome.Arrived>().File;
        return (await node.Engine.KeptFiles.KeepAsync(Caller.Local, arrived, FilePurpose.UserData, expiresAfter)).ShouldBeOfType<KeepOutcome.Kept>().File.Id;
    }

    private static byte[] Wrapped(Node node) => node.Engine.Database.Read(async session =>
    {
        using var read = session.Prepare("SELECT wrapped FROM data_keys WHERE length(subject) > 0");
        await read.StepAsync();
        return read.Blob(0)!;
    });

    private static bool Found(Node node, byte[] bytes) => TestDatabase.Contents(node.Address).Any(content => content.AsSpan().IndexOf(bytes) >= 0);
}

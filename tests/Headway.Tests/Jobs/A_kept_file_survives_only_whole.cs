using System.Text;
using Headway.Access;
using Headway.Payloads.Files;
using Headway.Tests.Payloads;

namespace Headway.Tests.Jobs;

public sealed class A_kept_file_survives_only_whole
{
    private const string Features = "features:\n  work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }\n";

    private const string Rows = "SELECT (SELECT count(*) FROM files) + (SELECT count(*) FROM file_chunks) + (SELECT count(*) FROM kept_files)";

    private static readonly KeptFilter All = new(null, OldestFirst: true, null, 10);

    [Fact]
    public async Task One_that_was_kept_outlives_its_node_and_one_that_was_coming_does_not()
    {
        await using var node = await StartAsync(TimeProvider.System);
        var kept = await KeepAsync(node, expires: null);
        using var leaves = new CancellationTokenSource();
        using var half = new StalledFile(StoredFile.ChunkLength + 10);
        var coming = node.Engine.KeptFiles.TakeAsync(Caller.Local, null, "half.jsonl", null, half, leaves.Token);
        await half.Stalled;

        await using var next = await node.AfterKillAsync(code => code.Add<Order, Order>("work", (order, _, _) => Task.FromResult(order)));

        next.Number("SELECT count(*) FROM files").ShouldBe(2, "a piece of the one that was coming is on disk");
        next.Engine.KeptFiles.List("default", All).Files.ShouldHaveSingleItem().Id.ShouldBe(kept.Id);
        (await new OrphanPruner(next.Engine.Database).RunOnceAsync(DateTimeOffset.UtcNow.AddHours(2), CancellationToken.None)).Files.ShouldBe(1);
        next.Number(Rows).ShouldBe(3);
        await using var content = await next.Engine.KeptFiles.ReadAsync(Caller.Local, kept);
        (await new StreamReader(content).ReadToEndAsync()).ShouldBe("{}\n");
        await leaves.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => coming);
        node.Number(Rows).ShouldBe(3, "whoever leaves in the middle leaves nothing");
    }

    [Fact]
    public async Task One_that_has_expired_is_removed_by_a_duty_of_the_node()
    {
        var time = new ManualTime();
        await using var node = await StartAsync(time);
        await KeepAsync(node, expires: TimeSpan.FromSeconds(1));

        time.Advance(TimeSpan.FromMinutes(1));

        await node.Log.UntilAsync("KeptFileRemover", "1 files");
        node.Number(Rows).ShouldBe(0);
    }

    private static Task<Node> StartAsync(TimeProvider time) =>
        Node.StartAsync(Features, code => code.Add<Order, Order>("work", (order, _, _) => Task.FromResult(order)), time, lease: TimeSpan.FromHours(3));

    private static async Task<KeptFile> KeepAsync(Node node, TimeSpan? expires)
    {
        var files = node.Engine.KeptFiles;
        using var content = new MemoryStream(Encoding.UTF8.GetBytes("{}\n"));
        var arrived = (await files.TakeAsync(Caller.Local, null, "a.jsonl", null, content, CancellationToken.None)).ShouldBeOfType<ArrivalOutcome.Arrived>().File;
        return (await files.KeepAsync(Caller.Local, arrived, FilePurpose.Batch, expires)).ShouldBeOfType<KeepOutcome.Kept>().File;
    }
}

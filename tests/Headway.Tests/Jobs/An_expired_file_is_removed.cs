using System.Text;
using Headway.Access;
using Headway.Payloads.Files;

namespace Headway.Tests.Jobs;

public sealed class An_expired_file_is_removed
{
    [Fact]
    public async Task By_a_duty_of_the_node()
    {
        var time = new ManualTime();
        await using var node = await Node.StartAsync("features:\n  work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }\n", code => code.Add<Order, Order>("work", (order, _, _) => Task.FromResult(order)), time, lease: TimeSpan.FromHours(3));
        var files = node.Engine.KeptFiles;
        using var content = new MemoryStream(Encoding.UTF8.GetBytes("{}\n"));
        var arrived = (await files.TakeAsync(Caller.Local, null, "a.jsonl", null, content, CancellationToken.None)).ShouldBeOfType<ArrivalOutcome.Arrived>().File;
        (await files.KeepAsync(Caller.Local, arrived, FilePurpose.Batch, TimeSpan.FromSeconds(1))).ShouldBeOfType<KeepOutcome.Kept>();

        time.Advance(TimeSpan.FromMinutes(1));

        await node.Log.UntilAsync("KeptFileRemover", "1 files");
        node.Number("SELECT (SELECT count(*) FROM files) + (SELECT count(*) FROM file_chunks) + (SELECT count(*) FROM kept_files)").ShouldBe(0);
    }
}

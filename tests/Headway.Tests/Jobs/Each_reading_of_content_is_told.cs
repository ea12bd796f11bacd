using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Storage;
using Headway.Tests.Storage;

namespace Headway.Tests.Jobs;

/// <summary>What the audit trail knows of those who read a job's events.</summary>
public sealed class Each_reading_of_content_is_told
{
    private const string Features = """
        features:
          live:   { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }
          maybe:  { contract: { mode: hybrid, wait: 20s, deliverWithin: 1m }, handler: code }
          report: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }
          chat:   { contract: { mode: stream, caller: converses, output: prose }, handler: code, fallback: none }
        """;

    private static readonly Caller Stranger = Caller.Local with { Actor = "stranger" };

    private readonly Steering _code = new();

    private Task<Node> StartAsync() => Node.StartAsync(Features, code =>
    {
        foreach (var feature in new[] { "live", "maybe", "chat" }) code.Add<Order, string>(feature, _code.TokensAsync);
        code.Add<Order, Order>("report", async (order, feature, stop) =>
        {
            await feature.ReportProgressAsync(1, 2, "half", stop);
            return await _code.WorkAsync(order, feature, stop);
        });
    });

    /// <summary>Reads until the first event of a kind and leaves; gives the audit trail as it is while that event is in the reader's hands.</summary>
    private static async Task<List<AuditEntry>> ReadUntilAsync(Node node, Caller caller, JobId id, string kind, long? after = null)
    {
        await foreach (var entry in node.Engine.Events(caller, id, after, CancellationToken.None)!)
        {
            if (entry.Kind == kind) return [.. (await node.Engine.AuditAsync(caller, id)).Where(told => told.Action == "delivered")];
        }
        throw new InvalidOperationException($"There was no {kind}.");
    }

    [Theory]
    [InlineData("live")]
    [InlineData("maybe")]
    public async Task A_reader_who_leaves_in_the_middle_was_told_of_before_the_first_piece(string feature)
    {
        _code.Blocks = true;
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call(feature) with { PreferAsync = true })).Id;

        var first = (await ReadUntilAsync(node, Stranger, id, "delta")).ShouldHaveSingleItem();
        (first.Actor, first.Purpose, first.Outcome).ShouldBe(("stranger", "events", null));
        (await ReadUntilAsync(node, Stranger, id, "delta", after: 1_000_001)).Count.ShouldBe(2, "who comes back reads anew");

        _code.LetGo("a");
        await node.EndOfAsync(id);
        (await node.AuditOfAsync(id)).ShouldBe(["submitted", "started", "delivered", "delivered", "completed"]);
    }

    [Fact]
    public async Task One_event_tells_of_a_reading_from_the_beginning_to_the_end()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("live"))).Id;
        await node.EndOfAsync(id);

        var events = await node.EventsOfAsync(id);

        var told = (await node.Engine.AuditAsync(Caller.Local, id)).Where(entry => entry.Action == "delivered").ShouldHaveSingleItem();
        (told.Purpose, told.Outcome).ShouldBe(("events", "succeeded"));
        // The end holds no content.
        (await node.EventsOfAsync(id, events[^2].Id)).ShouldHaveSingleItem().Kind.ShouldBe("end");
        (await node.AuditOfAsync(id)).Count(action => action == "delivered").ShouldBe(1);
    }

    [Fact]
    public async Task State_and_progress_are_no_content()
    {
        _code.Blocks = true;
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("report"))).Id;

        (await ReadUntilAsync(node, Caller.Local, id, "progress")).ShouldBeEmpty();

        _code.LetGo("a");
        (await ReadUntilAsync(node, Caller.Local, id, "result")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_cannot_be_told_is_not_handed_over()
    {
        await using var node = await StartAsync();
        var jobs = new[] { await node.AcceptedAsync(node.Call("live")), await node.AcceptedAsync(node.Call("report")) };
        foreach (var job in jobs) await node.EndOfAsync(job.Id);
        await node.Engine.Database.WriteAsync(new Change(TestDatabase.Refuse("INSERT", "audit_events", "NEW.action = 'delivered'")));

        foreach (var job in jobs)
        {
            var given = new List<string>();
            await Should.ThrowAsync<StorageException>(async () =>
            {
                await foreach (var entry in node.Engine.Events(Caller.Local, job.Id, null, CancellationToken.None)!) given.Add(entry.Kind);
            });
            given.ShouldNotContain("delta");
            given.ShouldNotContain("result");
        }
    }

    [Fact]
    public async Task A_stream_tells_of_its_own_answer_when_it_closes_and_of_every_other_reader_when_it_reads()
    {
        _code.Blocks = true;
        await using var node = await StartAsync();
        var id = (await node.CallAsync("chat")).ShouldBeOfType<Answer.Streaming>().Job.Id;
        long? seen = null;
        await foreach (var entry in node.Engine.AnswerEvents(Caller.Local, id, CancellationToken.None)!)
        {
            seen = entry.Id;
            break;
        }

        (await ReadUntilAsync(node, Caller.Local, id, "delta", seen)).ShouldBeEmpty("the caller goes on where its answer broke");
        (await ReadUntilAsync(node, Caller.Local, id, "delta")).Count.ShouldBe(1, "somebody reads it from the beginning");
        (await ReadUntilAsync(node, Stranger, id, "delta", seen)).Count.ShouldBe(2, "it is not the stranger's to go on with");

        _code.LetGo("a");
        await node.EventsOfAsync(id, seen);
        await node.EndOfAsync(id);
        (await node.AuditOfAsync(id)).ShouldBe(["delivered", "delivered", "served"]);
    }
}

using Headway.Access;
using Headway.Jobs;

namespace Headway.Tests.Jobs;

public sealed class Cancelled_stays_cancelled
{
    private const string Features = """
        features:
          work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }
          deaf: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }
        """;

    private readonly Steering _code = new() { Blocks = true };

    private Task<Node> StartAsync() => Node.StartAsync(Features, code =>
    {
        code.Add<Order, Order>("work", _code.WorkAsync);
        code.Add<Order, Order>("deaf", (order, feature, _) => _code.WorkAsync(order, feature, CancellationToken.None));
    });

    [Fact]
    public async Task While_it_runs_and_its_work_is_told_to_stop()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("work"))).Id;
        await _code.BeginsAsync();

        (await node.Engine.CancelAsync(Caller.Local, id, CancellationToken.None))!.State.ShouldBe(JobState.Cancelled);

        (await node.AuditOfAsync(id)).ShouldBe(["submitted", "started", "cancelled"]);
        (await node.Engine.ResultAsync(Caller.Local, id, CancellationToken.None)).ShouldBeOfType<ResultAnswer.Refused>().Refusal.Code.ShouldBe("job-cancelled");
    }

    [Fact]
    public async Task Even_if_its_work_does_not_listen_and_answers_later()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("deaf"))).Id;
        await _code.BeginsAsync();
        await node.Engine.CancelAsync(Caller.Local, id, CancellationToken.None);

        _code.LetGo("a");
        // The next job of the same code ends after the deaf one was let go: by then its answer was dropped.
        var next = await node.AcceptedAsync(node.Call("deaf", """{"id":"b"}"""));
        _code.LetGo("b");
        await node.EndOfAsync(next.Id);

        (await node.Engine.FindAsync(Caller.Local, id))!.State.ShouldBe(JobState.Cancelled);
        (await node.AuditOfAsync(id)).ShouldBe(["submitted", "started", "cancelled"]);
    }

    [Fact]
    public async Task Before_it_ran_and_cancelling_again_changes_nothing()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("work") with { StartAt = DateTimeOffset.UtcNow.AddHours(1) })).Id;

        var first = await node.Engine.CancelAsync(Caller.Local, id, CancellationToken.None);
        var second = await node.Engine.CancelAsync(Caller.Local, id, CancellationToken.None);

        second!.Finished.ShouldBe(first!.Finished);
        (await node.AuditOfAsync(id)).ShouldBe(["submitted", "cancelled"]);
        _code.Begun.ShouldBeEmpty();
    }

    [Fact]
    public async Task But_what_has_ended_stays_as_it_ended()
    {
        await using var node = await StartAsync();
        _code.LetGo("a");
        var id = (await node.EndOfAsync((await node.AcceptedAsync(node.Call("work"))).Id)).Id;

        (await node.Engine.CancelAsync(Caller.Local, id, CancellationToken.None))!.State.ShouldBe(JobState.Succeeded);
        (await node.ResultOfAsync(id)).ShouldBe("""{"id":"a"}""");
    }

    [Fact]
    public async Task And_a_job_of_another_tenant_is_unknown()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("work") with { StartAt = DateTimeOffset.UtcNow.AddHours(1) })).Id;
        var stranger = new Caller("other", "somebody", null);

        (await node.Engine.CancelAsync(stranger, id, CancellationToken.None)).ShouldBeNull();
        (await node.Engine.FindAsync(stranger, id)).ShouldBeNull();
        (await node.Engine.FindAsync(Caller.Local, id))!.State.ShouldBe(JobState.Scheduled);
    }
}

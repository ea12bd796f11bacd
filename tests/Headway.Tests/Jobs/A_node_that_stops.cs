using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;

namespace Headway.Tests.Jobs;

public sealed class A_node_that_stops
{
    private const string Features = """
        features:
          work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retry: { attempts: 1 } }
        """;

    private readonly Steering _code = new();

    [Fact]
    public async Task Refuses_calls_and_replays_while_it_drains_and_keeps_nothing_of_them()
    {
        _code.Failures = 1;
        await using var node = await Node.StartAsync(Features, code => code.Add<Order, Order>("work", _code.WorkAsync));
        var dead = await node.EndOfAsync((await node.AcceptedAsync(node.Call("work"))).Id);
        dead.State.ShouldBe(JobState.Dead);
        _code.Blocks = true;
        var running = await node.AcceptedAsync(node.Call("work", """{"id":"b"}"""));
        while (await _code.BeginsAsync() != "b")
        {
        }

        var stopped = node.Engine.DisposeAsync();
        var call = (await node.CallAsync("work")).ShouldBeOfType<Answer.Refused>().Refusal;
        var replay = (await node.Engine.ReplayAsync(Caller.Local, dead.Id)).ShouldBeOfType<Answer.Refused>().Refusal;
        var replays = (await node.Engine.ReplayDeadAsync(Caller.Local, new ReplayAsk { Filter = new JobFilter() })).ShouldBeOfType<ReplayAnswer.Refused>().Refusal;
        await stopped;

        (call.Kind, call.Code, call.RetryAfter is null).ShouldBe((RefusalKind.Unavailable, "node-stopping", false));
        (replay.Code, replays.Code).ShouldBe(("node-stopping", "node-stopping"));
        _code.Blocks = false;
        await node.StartAsync();
        (await node.EndOfAsync(running.Id)).State.ShouldBe(JobState.Succeeded);
        (await node.Engine.ListAsync(Caller.Local, new JobFilter())).Jobs.Select(job => job.Id).ShouldBe([running.Id, dead.Id]);
    }
}

using Headway.Access;
using Headway.Jobs;

namespace Headway.Tests.Jobs;

public sealed class Work_can_say_not_yet
{
    private const string Features = """
        features:
          work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retry: { attempts: 1, snooze: { times: 4, within: 1h } } }
        """;

    private int _begun;
    private int _readyAfter;
    private TimeSpan _delay = TimeSpan.FromMilliseconds(1);

    private Task<Node> StartAsync() => Node.StartAsync(Features, code => code.Add<Order, FeatureResult<Order>>("work",
        (order, _, _) => Task.FromResult<FeatureResult<Order>>(Interlocked.Increment(ref _begun) > _readyAfter ? order : FeatureResult.Snooze(_delay))));

    [Fact]
    public async Task Without_using_up_an_attempt()
    {
        _readyAfter = 4;
        await using var node = await StartAsync();

        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("work"))).Id);

        job.State.ShouldBe(JobState.Succeeded);
        (await node.Engine.AttemptsAsync(Caller.Local, job.Id)).Select(attempt => attempt.Outcome).ShouldBe(["snoozed", "snoozed", "snoozed", "snoozed", "succeeded"]);
    }

    [Fact]
    public async Task But_not_for_ever()
    {
        _readyAfter = int.MaxValue;
        await using var node = await StartAsync();

        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("work"))).Id);

        (job.State, job.Error!.Code, job.Attempt).ShouldBe((JobState.Dead, "snoozed-out", 5));
        job.Error.Message.ShouldContain("retry.snooze");
    }

    [Fact]
    public async Task And_how_often_it_did_outlives_a_restart()
    {
        _readyAfter = int.MaxValue;
        _delay = TimeSpan.FromSeconds(1);
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("work"))).Id;
        await foreach (var entry in node.Engine.Events(Caller.Local, id, null, CancellationToken.None)!)
            if (System.Text.Encoding.UTF8.GetString(entry.Data.Span).Contains("scheduled", StringComparison.Ordinal)) break;
        (await node.Engine.FindAsync(Caller.Local, id))!.WaitingFor!.Code.ShouldBe("snooze");

        await node.RestartAsync();

        _delay = TimeSpan.FromMilliseconds(1);
        (await node.EndOfAsync(id)).Error!.Code.ShouldBe("snoozed-out");
        _begun.ShouldBe(5);
    }

    [Fact]
    public async Task Unless_its_deadline_would_pass_meanwhile()
    {
        _readyAfter = int.MaxValue;
        _delay = TimeSpan.FromMinutes(30);
        await using var node = await StartAsync();

        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("work") with { Deadline = DateTimeOffset.UtcNow.AddMinutes(10) })).Id);

        (job.State, job.Error!.Code).ShouldBe((JobState.Dead, "expired"));
        job.Error.Message.ShouldContain("1800 s");
    }
}

using Headway.Crash.Tests.Checking;
using Headway.Crash.Tests.Hosting;
using Headway.Crash.Tests.Load;
using Headway.Upstream;

namespace Headway.Crash.Tests;

/// <summary>Nodes that die between sending a webhook and writing that it was sent: it comes again under its id, and none is lost.</summary>
public sealed class DeliveryLossTests : IDisposable
{
    // Longer than a claim of a node that was lost, and all that comes before it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly DataFolder _data = new();
    private readonly Ledger _ledger;

    public DeliveryLossTests() => _ledger = new Ledger(Path.Combine(_data.Root, "ledger"));

    public void Dispose()
    {
        _ledger.Dispose();
        _data.Dispose();
    }

    [Theory]
    [InlineData("ClaimDeliveries:after-commit", 1, "lost,delivered")]
    [InlineData("MarkDelivery:before-commit", 2, "lost,delivered")]
    [InlineData("MarkDelivery:after-commit", 1, "delivered")]
    public async Task A_delivery_comes_again_under_its_id_unless_it_was_marked(string point, int sends, string outcomes)
    {
        await using var hooks = await HookServer.StartAsync();
        await using (var node = await HostProcess.StartAsync(_data, hooks.Setting, ("HEADWAY_CRASH_AT", $"{point}:1")))
        {
            await Calls.TryAsync(() => node.CallAsync("quick", key: "the-key"));
            await node.EndAsync();
        }

        await using var next = await HostProcess.StartAsync(_data, hooks.Setting);
        var job = await next.AcceptedAsync("quick", key: "the-key");
        _ledger.Promise(new Promise(job, "quick", "the-key"));
        await Ends.AllAsync(next, _data);
        await DeliveredAsync();
        await next.StopAsync();

        Checker.Check(_data, _ledger).ShouldBeEmpty();
        hooks.Ids[job].Distinct().ShouldHaveSingleItem();
        hooks.Ids[job].Count.ShouldBe(sends);
        string.Join(',', Checker.Ask(_data, "SELECT outcome FROM delivery_attempts ORDER BY number")).ShouldBe(outcomes);
        Checker.Ask(_data, "SELECT outcome FROM audit_events WHERE action = 'disclosed' AND purpose = 'webhook'").Count.ShouldBe(outcomes.StartsWith("lost", StringComparison.Ordinal) ? 1 : 0);
    }

    [Fact]
    public async Task However_often_nodes_are_killed_every_end_arrives()
    {
        const int kills = 8;
        await using var hooks = await HookServer.StartAsync();
        var random = new Random(7);
        for (var kill = 0; kill < kills; kill++)
        {
            await using var node = await HostProcess.StartAsync(_data, hooks.Setting);
            for (var call = 0; call < 20; call++)
            {
                var feature = call % 4 == 0 ? "doomed" : "quick";
                if (await Calls.TryAsync(() => node.CallAsync(feature, key: $"{kill}-{call}")) is not { } answer || answer.JobOf() is not { } job) break;
                _ledger.Promise(new Promise(job, feature, $"{kill}-{call}"));
            }

            await Task.Delay(random.Next(50));
            await node.KillAsync();
        }

        await using var last = await HostProcess.StartAsync(_data, hooks.Setting);
        await Ends.AllAsync(last, _data);
        await DeliveredAsync();
        await last.StopAsync();

        Checker.Check(_data, _ledger).ShouldBeEmpty();
        foreach (var promise in _ledger.Promises) hooks.Ids[promise.Job].Distinct().ShouldHaveSingleItem();
    }

    private Task DeliveredAsync() => Until.IsSoAsync(() => Checker.Ask(_data, "SELECT event FROM deliveries WHERE state = 0").Count == 0, Patience);
}

using Headway.Delivery;
using Headway.Delivery.Sending;
using Headway.Tests.Jobs;

namespace Headway.Tests.Delivery;

/// <summary>One receiver that hangs costs the others nothing.</summary>
public sealed class Lanes_do_not_wait_for_each_other
{
    private const int Endpoints = 100;

    private static string Features(Receiver receiver) => $$"""
        endpoints:
        {{string.Join('\n', Enumerable.Range(0, Endpoints).Select(i => $"  e{i}: {{ webhook: \"{receiver.Url}/{i}\", secret: s, allowPrivate: true, concurrency: 2 }}"))}}
        features: { work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code } }
        """;

    [Fact]
    public async Task Ninety_nine_that_live_are_told_while_one_hangs()
    {
        Receiver? receiver = null;
        await using var started = receiver = await Receiver.StartAsync(async (context, _) =>
        {
            if (context.Request.Path == "/hooks/0") await receiver!.Over;
        });
        await using var node = await TellingNode.StartAsync(Features(receiver), code => code.Add<Order, Order>("work", (order, _, _) => Task.FromResult(order)), new ManualTime());
        for (var i = 0; i < 20; i++) await node.AcceptedAsync(node.Call("work") with { Endpoint = "e0" });
        for (var i = 1; i < Endpoints; i++) await node.AcceptedAsync(node.Call("work") with { Endpoint = $"e{i}" });

        var live = new HashSet<string>();
        var hanging = 0;
        while (live.Count < Endpoints - 1)
        {
            var got = await receiver.NextAsync();
            if (got.Path == "/hooks/0") hanging++;
            else live.Add(got.Path).ShouldBeTrue();
        }

        await node.MarkedAsync(Endpoints - 1);
        hanging.ShouldBeLessThanOrEqualTo(2, "it has no more than its own places");
        node.Number("SELECT count(*) FROM deliveries WHERE state = 1").ShouldBe(Endpoints - 1);
        var stuck = await node.EndpointAsync("e0");
        (stuck.Queue.Pending, stuck.State).ShouldBe((20, EndpointState.Active));
    }

    [Fact]
    public async Task One_that_is_down_is_probed_with_a_single_delivery_and_gets_the_rest_when_it_is_back()
    {
        var time = new ManualTime();
        var well = false;
        await using var receiver = await Receiver.StartAsync((context, _) => Receiver.With(context, well ? 200 : 503));
        await using var node = await TellingNode.StartAsync(Features(receiver), code => code.Add<Order, Order>("work", (order, _, _) => Task.FromResult(order)), time);
        for (var i = 0; i < 5; i++)
        {
            await node.AcceptedAsync(node.Call("work") with { Endpoint = "e0" });
            await node.MarkedAsync();
        }
        (await node.EndpointAsync("e0")).State.ShouldBe(EndpointState.Down);
        for (var i = 0; i < 10; i++) await node.EndOfAsync(await node.AcceptedAsync(node.Call("work") with { Endpoint = "e0" }));
        receiver.Calls.ShouldBe(5, "nothing is sent to one that is down");

        time.Advance(Breaker.Pause);
        await node.MarkedAsync();
        receiver.Calls.ShouldBe(6, "but for one probe");

        well = true;
        time.Advance(Breaker.Pause);
        await node.MarkedAsync(15);
        node.Number("SELECT count(*) FROM deliveries WHERE state = 1").ShouldBe(15);
        (await node.EndpointAsync("e0")).State.ShouldBe(EndpointState.Active);
    }

    [Fact]
    public async Task Whoever_is_no_longer_registered_keeps_what_waits_for_it()
    {
        await using var receiver = await Receiver.StartAsync(500, 200);
        var time = new ManualTime();
        await using var node = await TellingNode.StartAsync(Features(receiver), code => code.Add<Order, Order>("work", (order, _, _) => Task.FromResult(order)), time);
        var id = await node.AcceptedAsync(node.Call("work") with { Endpoint = "e7" });
        await node.MarkedAsync();
        await node.ReloadAsync("features: { work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code } }");
        time.Advance(TimeSpan.FromHours(1));
        var status = await node.EndpointAsync("e7");
        (status.State, status.Queue.Pending, status.Host).ShouldBe((EndpointState.Unregistered, 1, null));

        await node.ReloadAsync(Features(receiver));
        await node.MarkedAsync();
        (await node.DeliveriesAsync(id)).ShouldHaveSingleItem().State.ShouldBe(DeliveryState.Delivered);
    }

    [Fact]
    public void A_claim_outlasts_the_longest_try() => Deliveries.ClaimFor.ShouldBeGreaterThan(WebhookPost.Timeout);
}

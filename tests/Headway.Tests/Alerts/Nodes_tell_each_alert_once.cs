using Headway.Alerts;
using Headway.Reconciliation;
using Headway.Tests.Delivery;
using Headway.Tests.Jobs;
using Headway.Tests.Storage;

namespace Headway.Tests.Alerts;

/// <summary>Nodes of one PostgreSQL database look at the same time, and each state of an alert is told once.</summary>
public sealed class Nodes_tell_each_alert_once
{
    [PostgresFact]
    public async Task However_many_look_at_once_one_of_them_tells()
    {
        await using var receiver = await Receiver.StartAsync();
        await using var nodes = new ManyNodes($$"""
            alerts: { to: [ { webhook: "{{receiver.Url}}", secret: s, allowPrivate: true } ] }
            features: { away: { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: worker } }
            """);
        OneNode[] all = [await nodes.StartAsync(), await nodes.StartAsync(), await nodes.StartAsync()];
        Task LookAsync() => Task.WhenAll(Enumerable.Range(0, 12).Select(i => all[i % all.Length].Engine.Oversight.AlertWatch.RunOnceAsync(TimeProvider.System.GetUtcNow(), CancellationToken.None)));

        await all[0].Engine.Oversight.Gaps.NoteAsync([.. AlertingNode.Lasting.Take(4).Select(kind => new Gap(kind, "x"))]);
        await LookAsync();
        await LookAsync();

        var told = new HashSet<string>();
        for (var i = 0; i < 4; i++) told.Add((await receiver.NextAsync()).Data.GetProperty("id").GetString()!);
        told.Count.ShouldBe(4);
        (await nodes.NumberAsync("SELECT count(*) FROM deliveries WHERE event = 'alert.opened'")).ShouldBe(4);
        (await nodes.NumberAsync("SELECT count(*) FROM alerts")).ShouldBe(4);

        // As if minutes had passed.
        foreach (var kind in GapKinds.All) await all[1].Engine.Oversight.Gaps.MatchAsync(kind, []);
        await LookAsync();
        await all[0].Engine.Database.WriteAsync(new Change("UPDATE alerts SET missed = missed - 60000, told_at = told_at - 300000"));
        await LookAsync();
        await LookAsync();
        for (var i = 0; i < 4; i++) (await receiver.NextAsync()).Type.ShouldBe("alert.over");
        (await nodes.NumberAsync("SELECT count(*) FROM deliveries")).ShouldBe(8);
        (await all[2].Engine.Oversight.Alerts.ListAsync([AlertState.Over], null, null, 10)).Count.ShouldBe(4);
    }
}

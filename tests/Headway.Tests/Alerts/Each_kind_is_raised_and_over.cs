using Headway.Access;
using Headway.Alerts;
using Headway.Jobs.Storage;
using Headway.Reconciliation;
using Headway.Tests.Delivery;
using Headway.Tests.Storage;

namespace Headway.Tests.Alerts;

/// <summary>Each kind of alert is made by force, seen, and over when what it tells of is.</summary>
public sealed class Each_kind_is_raised_and_over
{
    private const string Features = """
        endpoints: { app: { webhook: "{url}", secret: s, allowPrivate: true } }
        tenants: { narrow: { limits: { running: 1 } } }
        features:
          breaks: { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: code, retry: { attempts: 1 } }
          work:   { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: code, delivery: [ endpoint: app ] }
          away:   { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: worker }
        """;

    [Fact]
    public async Task Dead_letters_of_a_feature_are_counted_until_they_are_gone()
    {
        await using var node = await AlertingNode.StartAsync(Features, ", deadLetters: 2");
        await node.DieAsync();
        await node.LookAsync();
        (await node.ThereAsync()).ShouldBeEmpty("one is not enough");

        await node.DieAsync();
        await node.LookAsync();

        var alert = await node.OnlyAsync(AlertKinds.DeadLetters);
        (alert.What, alert.Feature, alert.Amount, alert.Threshold, alert.State).ShouldBe(("breaks", "breaks", 2, 2, AlertState.Open));
        AlertWords.Of(alert).ShouldBe("2 dead letters of breaks: headway dead-letters groups.");
        var told = await node.Receiver.NextAsync();
        (told.Type, told.Data.GetProperty("id").GetString(), told.Data.GetProperty("amount").GetInt32()).ShouldBe(("alert.opened", alert.Id.ToString(), 2));
        await node.Node.Log.UntilAsync(alert.Id.ToString(), "dead-letters is open: 2 dead letters of breaks");

        await node.ForceAsync("DELETE FROM jobs");
        await node.OverAsync(AlertKinds.DeadLetters);
        await node.Node.Log.UntilAsync(alert.Id.ToString(), "Over after");
    }

    [Fact]
    public async Task A_job_that_could_run_and_waits_is_an_alert_and_one_that_waits_for_its_time_is_none()
    {
        await using var node = await AlertingNode.StartAsync(Features);
        var later = await node.Node.AcceptedAsync(node.Node.Call("away") with { StartAt = node.Time.GetUtcNow().AddHours(1) });
        await node.LookForAsync(TimeSpan.FromMinutes(59));
        (await node.ThereAsync(AlertKinds.QueueAge)).ShouldBeEmpty("it waits for its time");

        node.Time.Advance(TimeSpan.FromMinutes(1));
        await node.Node.Engine.Database.WriteAsync(new PromoteDue(node.Time.GetUtcNow().ToUnixTimeMilliseconds(), 10, _ => 1));
        await node.LookForAsync(TimeSpan.FromMinutes(4));
        (await node.ThereAsync(AlertKinds.QueueAge)).ShouldBeEmpty("it has waited for minutes only, though it was accepted an hour ago");

        await node.LookForAsync(TimeSpan.FromMinutes(2));
        var alert = await node.OnlyAsync(AlertKinds.QueueAge);
        (alert.What, alert.Feature).ShouldBe(("away@1", "away"));
        alert.Amount.ShouldBeInRange(300_000, 360_000);

        await node.Node.Engine.CancelAsync(Caller.Local, later, CancellationToken.None);
        await node.OverAsync(AlertKinds.QueueAge);
    }

    [Fact]
    public async Task Jobs_of_a_tenant_at_its_limit_wait_for_nobody_but_themselves()
    {
        await using var node = await AlertingNode.StartAsync(Features);
        var call = node.Node.Call("away");
        var narrow = call with { Caller = call.Caller with { Tenant = "narrow" } };
        var (first, second) = (await node.Node.AcceptedAsync(narrow), await node.Node.AcceptedAsync(narrow));
        await node.ForceAsync($"UPDATE queue SET state = 2, lease = 999, attempt = 1 WHERE job = {TestDatabase.Id(first)}");
        await node.LookForAsync(TimeSpan.FromMinutes(7));
        (await node.ThereAsync(AlertKinds.QueueAge)).ShouldBeEmpty("the tenant runs as much as it may");

        await node.ForceAsync($"DELETE FROM queue WHERE job = {TestDatabase.Id(first)}");
        await node.LookForAsync(TimeSpan.FromSeconds(10));
        (await node.OnlyAsync(AlertKinds.QueueAge)).What.ShouldBe("away@1");
        second.ShouldNotBe(first);
    }

    [Fact]
    public async Task Gaps_that_wait_for_a_person_are_alerts_and_what_is_mended_as_it_is_meant_to_is_none()
    {
        await using var node = await AlertingNode.StartAsync(Features, ", gaps: 2");
        await node.NoteAsync(new Gap(GapKinds.LostLease, "lease 1") { Did = GapDeeds.Mended }, new Gap(GapKinds.LostLease, "lease 2") { Did = GapDeeds.Mended }, new Gap(GapKinds.Misplaced, "job_1"));
        await node.LookAsync();
        (await node.ThereAsync()).ShouldBeEmpty();

        await node.NoteAsync(new Gap(GapKinds.Misplaced, "job_2"), new Gap(GapKinds.Stray, "job_3") { Did = GapDeeds.Mended }, new Gap(GapKinds.Stray, "job_4") { Did = GapDeeds.Mended });
        await node.LookAsync();
        (await node.ThereAsync(AlertKinds.Gaps)).Select(alert => (alert.What, alert.Amount)).ShouldBe([("misplaced", 2), ("stray", 2)], ignoreOrder: true);

        await node.Node.Engine.Oversight.Gaps.MatchAsync(GapKinds.Misplaced, []);
        await node.LookForAsync(TimeSpan.FromMinutes(2));
        (await node.OnlyAsync(AlertKinds.Gaps)).What.ShouldBe("stray", "it was mended minutes ago");
        await node.LookForAsync(TimeSpan.FromMinutes(11));
        (await node.ThereAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_version_that_nobody_works_for_is_an_alert_until_somebody_comes()
    {
        await using var node = await AlertingNode.StartAsync(Features, ", gaps: 10000");
        await node.Node.AcceptedAsync(node.Node.Call("away"));
        await node.Node.AcceptedAsync(node.Node.Call("work") with { StartAt = node.Time.GetUtcNow().AddHours(1) });
        // So that the walks of the node itself find the same.
        await node.ForceAsync("UPDATE queue SET why = 'no-version x'");
        var watch = node.Node.Engine.Oversight.Reconciler.Workers;
        await watch.LookAsync();
        await watch.LookAsync();
        await node.NoteAsync(new Gap(GapKinds.NoVersion, "work@1") { Feature = "work" }, new Gap(GapKinds.NoVersion, "away@1") { Feature = "away" });
        await node.LookAsync();
        (await node.ThereAsync(AlertKinds.NoWorker)).Select(alert => (alert.What, alert.Reason)).ShouldBe([("away@1", null), ("work@1", "no-version")], ignoreOrder: true);

        await node.ForceAsync("DELETE FROM queue");
        await watch.LookAsync();
        await node.Node.Engine.Oversight.Gaps.MatchAsync(GapKinds.NoVersion, []);
        await node.LookForAsync(TimeSpan.FromMinutes(2));
        (await node.ThereAsync(AlertKinds.NoWorker)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_share_of_posts_that_fail_is_an_alert_of_the_endpoint()
    {
        var refuses = true;
        var receiver = await Receiver.StartAsync((context, call) => Receiver.With(context, refuses && call % 2 == 0 ? 400 : 204));
        await using var node = await AlertingNode.StartAsync(Features, ", webhookFailures: 40%", receiver);
        for (var i = 0; i < 4; i++) await node.Node.AcceptedAsync(node.Node.Call("work"));
        await node.Node.MarkedAsync(4);
        await node.LookAsync();
        (await node.ThereAsync(AlertKinds.WebhookFailures)).ShouldBeEmpty("four tries say nothing");

        for (var i = 0; i < 2; i++) await node.Node.AcceptedAsync(node.Node.Call("work"));
        await node.Node.MarkedAsync(2);
        refuses = false;
        await node.LookAsync();

        var alert = await node.OnlyAsync(AlertKinds.WebhookFailures);
        (alert.What, alert.Amount, alert.Threshold, alert.Reason).ShouldBe(("app", 5_000, 4_000, null));
        AlertWords.Of(alert).ShouldBe("50 % of what was posted to app lately failed.");
        await node.LookForAsync(TimeSpan.FromMinutes(17));
        (await node.ThereAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(500, "down")]
    [InlineData(410, "disabled")]
    public async Task An_endpoint_that_gets_nothing_is_an_alert(int status, string reason)
    {
        var answer = status;
        await using var app = await Receiver.StartAsync((context, _) => Receiver.With(context, answer));
        await using var node = await AlertingNode.StartAsync(Features.Replace("{url}", app.Url, StringComparison.Ordinal));
        var failing = status == 410 ? 1 : 5;
        for (var i = 0; i < failing; i++)
        {
            await node.Node.AcceptedAsync(node.Node.Call("work"));
            await node.Node.MarkedAsync();
        }
        await node.LookAsync();
        (await node.OnlyAsync(AlertKinds.WebhookFailures)).ShouldSatisfyAllConditions(alert => alert.Reason.ShouldBe(reason), alert => alert.What.ShouldBe("app"));

        answer = 204;
        await node.Node.Engine.Endpoints.EnableAsync("app");
        await node.LookForAsync(TimeSpan.FromMinutes(17));
        (await node.ThereAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task Deliveries_that_wait_for_an_endpoint_which_is_gone_are_an_alert()
    {
        await using var app = await Receiver.StartAsync(400);
        await using var node = await AlertingNode.StartAsync(Features.Replace("{url}", app.Url, StringComparison.Ordinal));
        await node.Node.AcceptedAsync(node.Node.Call("work"));
        await node.Node.MarkedAsync();
        await node.LookAsync();
        (await node.ThereAsync()).ShouldBeEmpty();

        await node.Node.ReloadAsync(AlertingNode.File("features: { breaks: { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: code } }", "", node.Receiver));
        await node.LookAsync();
        (await node.OnlyAsync(AlertKinds.WebhookFailures)).ShouldSatisfyAllConditions(alert => alert.Reason.ShouldBe("unregistered"), alert => alert.What.ShouldBe("app"));
    }

    [Fact]
    public async Task Alerts_are_there_without_a_section_and_nobody_is_told()
    {
        await using var node = await AlertingNode.StartAsync(Features);
        await node.Node.ReloadAsync("features: { breaks: { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: code, retry: { attempts: 1 } } }");
        await node.DieAsync();
        await node.LookForAsync(TimeSpan.FromMinutes(1));
        (await node.OnlyAsync(AlertKinds.DeadLetters)).Told.ShouldBe(Told.Nothing);
        node.Node.Number("SELECT count(*) FROM deliveries").ShouldBe(0);
    }
}

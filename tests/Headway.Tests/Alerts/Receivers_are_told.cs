using System.Globalization;
using System.Text;
using Headway.Access;
using Headway.Alerts;
using Headway.Alerts.Storage;
using Headway.Delivery;
using Headway.Delivery.Sending;
using Headway.Reconciliation;
using Headway.Tests.Delivery;
using Headway.Tests.Storage;
using Headway.Upstream;
using Microsoft.AspNetCore.Http;

namespace Headway.Tests.Alerts;

/// <summary>Each state is told once to whom it concerns, whatever the receiver does and however many alerts there are.</summary>
public sealed class Receivers_are_told
{
    private const string Features = "features: { breaks: { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: code, retry: { attempts: 1 } } }";

    private static readonly Gap Late = new(GapKinds.Misplaced, "job_1");

    private static string Signature(Received told, params string[] secrets) =>
        WebhookSignature.Of(secrets, told.Id, long.Parse(told.Headers["webhook-timestamp"], CultureInfo.InvariantCulture), Encoding.UTF8.GetBytes(told.Body))!;

    [Fact]
    public async Task What_is_told_is_signed_and_says_what_it_is()
    {
        await using var node = await AlertingNode.StartAsync(Features);
        await node.DieAsync("""{"id":"patient 4711"}""");
        await node.LookAsync();

        var told = await node.Receiver.NextAsync();
        var alert = await node.OnlyAsync(AlertKinds.DeadLetters);
        told.Headers["webhook-signature"].ShouldBe(Signature(told, AlertingNode.Secret));
        told.Data.EnumerateObject().Select(member => member.Name).ShouldBe(["id", "kind", "what", "feature", "state", "amount", "threshold", "unit", "since", "summary", "links"]);
        (told.Data.GetProperty("state").GetString(), told.Data.GetProperty("unit").GetString(), told.Data.GetProperty("threshold").GetInt32()).ShouldBe(("open", "jobs", 1));
        told.Data.GetProperty("since").GetDateTimeOffset().ShouldBe(node.Time.GetUtcNow());
        told.Data.GetProperty("links").GetProperty("self").GetString().ShouldBe($"/v1/admin/alerts/{alert.Id}");
        told.Body.ShouldNotContain("4711");
        (await node.ForceAsync("SELECT 1")).ShouldBeTrue();
        node.Node.Number("SELECT count(*) FROM audit_events WHERE purpose = 'webhook'").ShouldBe(0, "it is of no job");
    }

    [Fact]
    public async Task While_a_secret_changes_both_sign_and_an_endpoint_may_be_told_as_well()
    {
        await using var app = await Receiver.StartAsync();
        await using var node = await AlertingNode.StartAsync(Features);
        await node.Node.ReloadAsync($$"""
            endpoints: { app: { webhook: "{{app.Url}}", secret: s, allowPrivate: true } }
            alerts: { to: [ { webhook: "{{node.Receiver.Url}}", secret: new one, previousSecret: older, allowPrivate: true }, { endpoint: app } ] }
            {{Features}}
            """);
        await node.NoteAsync(Late);
        await node.LookAsync();
        var told = await node.Receiver.NextAsync();
        told.Headers["webhook-signature"].ShouldBe(Signature(told, "new one", "older"));
        (await app.NextAsync()).ShouldSatisfyAllConditions(other => other.Type.ShouldBe("alert.opened"), other => other.Data.GetRawText().ShouldBe(told.Data.GetRawText()));
    }

    [Fact]
    public async Task A_receiver_that_is_down_is_told_when_it_is_back_under_the_same_id()
    {
        var well = false;
        var receiver = await Receiver.StartAsync((context, _) => Receiver.With(context, well ? 204 : 503));
        await using var node = await AlertingNode.StartAsync(Features, receiver: receiver);
        await node.NoteAsync(Late);
        await node.LookAsync();
        var first = await receiver.NextAsync();
        await node.Node.MarkedAsync();

        well = true;
        node.Time.Advance(TimeSpan.FromSeconds(6));
        var second = await receiver.NextAsync();
        await node.Node.MarkedAsync();
        (second.Id, second.Body).ShouldBe((first.Id, first.Body));
        second.Headers["webhook-signature"].ShouldBe(Signature(second, AlertingNode.Secret));
        node.Node.Number("SELECT count(*) FROM deliveries WHERE state = 1").ShouldBe(1);
    }

    [Fact]
    public async Task Alerts_and_what_was_told_of_them_outlive_a_restart()
    {
        await using var node = await AlertingNode.StartAsync(Features);
        await node.NoteAsync(Late);
        await node.LookAsync();
        await node.Receiver.NextAsync();
        await node.Node.MarkedAsync();
        var alert = await node.OnlyAsync(AlertKinds.Gaps);
        (await node.Book.AcknowledgeAsync(Caller.Local, alert.Id, "the model is down")).How.ShouldBe(Acknowledged.Done);

        await node.Node.RestartAsync();
        await node.LookForAsync(TimeSpan.FromHours(25));

        var after = await node.OnlyAsync(AlertKinds.Gaps);
        (after.Id, after.State, after.Acknowledgement!.Note).ShouldBe((alert.Id, AlertState.Acknowledged, "the model is down"));
        node.Receiver.Calls.ShouldBe(1, "it is acknowledged");

        await node.Node.Engine.Oversight.Gaps.MatchAsync(GapKinds.Misplaced, []);
        await node.LookForAsync(TimeSpan.FromMinutes(2));
        (await node.Receiver.NextAsync()).ShouldSatisfyAllConditions(told => told.Type.ShouldBe("alert.over"), told => told.Data.GetProperty("summary").GetString()!.ShouldStartWith("Over after 25 h: "));
        (await node.Book.AcknowledgeAsync(Caller.Local, alert.Id, null)).How.ShouldBe(Acknowledged.Over);
        (await node.Book.AcknowledgeAsync(Caller.Local, AlertId.New(node.Time.GetUtcNow()), null)).How.ShouldBe(Acknowledged.Unknown);
    }

    [Fact]
    public async Task A_thousand_features_at_once_are_a_digest_or_two()
    {
        await using var node = await AlertingNode.StartAsync(Features);
        await node.ForceAsync(Deaths(1_000));
        await node.LookForAsync(TimeSpan.FromMinutes(3));

        (await node.Book.ListAsync([AlertState.Open], AlertKinds.DeadLetters, null, 2_000)).Count.ShouldBe(1_000);
        var first = await node.Receiver.NextAsync();
        await node.Receiver.NextAsync();
        (first.Type, first.Data.GetProperty("open").GetInt32(), first.Data.GetProperty("alerts").GetArrayLength()).ShouldBe(("alert.digest", 500, 10));
        first.Data.GetProperty("kinds").GetProperty("dead-letters").GetInt32().ShouldBe(500);
        node.Node.Number("SELECT count(*) FROM deliveries").ShouldBe(2);

        await node.ForceAsync("DELETE FROM jobs WHERE state = 7");
        await node.LookForAsync(TimeSpan.FromMinutes(6));
        (await node.ThereAsync()).ShouldBeEmpty();
        node.Node.Number("SELECT count(*) FROM deliveries").ShouldBeLessThanOrEqualTo(5);
    }

    [Fact]
    public async Task A_trickle_of_alerts_is_no_more_than_ten_posts_a_minute()
    {
        await using var node = await AlertingNode.StartAsync(Features);
        await node.ForceAsync(Deaths(200));
        await node.ForceAsync("UPDATE jobs SET state = 0, finished = NULL");
        var most = 0L;
        for (var look = 0; look < 40; look++)
        {
            // Five more at each look.
            await node.ForceAsync($"UPDATE jobs SET state = 7, finished = 1 WHERE definition > 1000000 AND definition <= {1_000_000 + ((look + 1) * 5)} AND state = 0");
            await node.LookForAsync(TimeSpan.FromSeconds(10));
            most = Math.Max(most, node.Node.Number($"SELECT count(*) FROM deliveries WHERE created > {node.Time.GetUtcNow().AddMinutes(-1).ToUnixTimeMilliseconds()}"));
        }

        (await node.Book.ListAsync([AlertState.Open], null, null, 300)).Count.ShouldBe(200);
        most.ShouldBeLessThanOrEqualTo(Headway.Alerts.Receivers.MostPerMinute);
        await node.LookForAsync(TimeSpan.FromMinutes(2));
        node.Node.Number("SELECT count(*) FROM alerts WHERE told <> 1").ShouldBe(0, "each was told in the end");
    }

    [Fact]
    public async Task What_flaps_is_posted_once_in_some_minutes()
    {
        await using var node = await AlertingNode.StartAsync(Features);
        for (var minutes = 0; minutes < 60; minutes += 4)
        {
            await node.NoteAsync(Late);
            await node.LookForAsync(TimeSpan.FromMinutes(2));
            await node.Node.Engine.Oversight.Gaps.MatchAsync(GapKinds.Misplaced, []);
            await node.LookForAsync(TimeSpan.FromMinutes(2));
        }
        (await node.Book.ListAsync([AlertState.Open, AlertState.Over], null, null, 10)).ShouldHaveSingleItem().Times.ShouldBeGreaterThan(10);
        node.Node.Number("SELECT count(*) FROM deliveries").ShouldBeInRange(1, 5);
    }

    [Fact]
    public async Task A_receiver_of_alerts_that_fails_is_shown_and_told_to_the_others_alone()
    {
        await using var other = await Receiver.StartAsync();
        var failing = await Receiver.StartAsync((context, _) => Receiver.With(context, StatusCodes.Status500InternalServerError));
        await using var node = await AlertingNode.StartAsync(Features, receiver: failing);
        await node.Node.ReloadAsync($$"""
            alerts: { to: [ { webhook: "{{failing.Url}}", allowPrivate: true }, { webhook: "{{other.Url}}", allowPrivate: true } ] }
            {{Features}}
            """);
        await node.NoteAsync([.. AlertingNode.Lasting.Select(kind => new Gap(kind, "x"))]);
        await node.LookAsync();
        for (var i = 0; i < 5; i++) await other.NextAsync();
        await node.Node.MarkedAsync(10);

        await node.LookForAsync(TimeSpan.FromMinutes(30));

        var alert = await node.OnlyAsync(AlertKinds.WebhookFailures);
        (alert.What, alert.Reason).ShouldBe((Headway.Features.AlertOptions.NameOf(new Uri(failing.Url)), "down"));
        var told = await other.NextAsync();
        (told.Type, told.Data.GetProperty("endpoint").GetString()).ShouldBe(("alert.opened", alert.What));
        node.Node.Number($"SELECT count(*) FROM deliveries WHERE endpoint = '{alert.What}' AND alert = {TestDatabase.Id(alert.Id.Place)}").ShouldBe(0, "it would be one more failure");
        (await node.Node.EndpointAsync(alert.What)).ShouldSatisfyAllConditions(endpoint => endpoint.State.ShouldBe(EndpointState.Down), endpoint => endpoint.Queue.Pending.ShouldBe(5));
        (await node.Book.ListAsync([AlertState.Open, AlertState.Over], AlertKinds.WebhookFailures, null, 10)).ShouldHaveSingleItem("it raises no other");
    }

    [Fact]
    public async Task What_was_told_goes_a_week_later_and_what_is_over_three_months_later()
    {
        await using var node = await AlertingNode.StartAsync(Features);
        await node.NoteAsync(Late);
        await node.LookAsync();
        await node.Node.MarkedAsync();
        await node.Node.Engine.Oversight.Gaps.MatchAsync(GapKinds.Misplaced, []);
        await node.LookForAsync(TimeSpan.FromMinutes(6));
        await node.Node.MarkedAsync();

        node.Time.Advance(TimeSpan.FromDays(8));
        await Until.IsSoAsync(() => node.Node.Number("SELECT count(*) FROM deliveries") == 0);
        node.Node.Number("SELECT count(*) FROM delivery_attempts").ShouldBe(0);
        node.Node.Number("SELECT count(*) FROM alerts").ShouldBe(1);
        node.Time.Advance(TimeSpan.FromDays(90));
        await node.LookAsync();
        node.Node.Number("SELECT count(*) FROM alerts").ShouldBe(0);
    }

    /// <summary>Statements that make a dead letter for each of so many features.</summary>
    private static string Deaths(int features)
    {
        var numbers = TestDatabase.IsPostgres ? $"generate_series(1, {features}) AS n (i)" : $"(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {features}) SELECT i FROM n) AS n";
        var (hash, id) = TestDatabase.IsPostgres ? ("int4send(i)", "gen_random_uuid()") : ("'h' || i", "randomblob(16)");
        return $"""
            INSERT INTO definitions (id, hash, feature, version, pool, data, json, created) {TestDatabase.OwnNumber}SELECT 1000000 + i, {hash}, 'feature-' || i, 1, 1, 0, {"'{}'"}, 0 FROM {numbers};
            INSERT INTO jobs (id, tenant, actor, definition, mode, state, priority, created, finished) SELECT {id}, 'default', 'test', 1000000 + i, 2, 7, 5, 0, 1 FROM {numbers}
            """;
    }
}

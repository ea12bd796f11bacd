using Headway.Access;
using Headway.Delivery;
using Headway.Jobs;
using Headway.Reconciliation;
using Headway.Tests.Delivery;
using Headway.Tests.Jobs;
using Headway.Tests.Storage;
using Microsoft.AspNetCore.Http;

namespace Headway.Tests.Reconciliation;

/// <summary>A job has ended and what its feature promised to hand over was not: a webhook is sent again once, a result that nobody reads is shown.</summary>
public sealed class Deliveries_that_are_owed_are_gaps : IAsyncDisposable
{
    private volatile int _status = StatusCodes.Status204NoContent;
    private Receiver _app = null!;
    private TellingNode _node = null!;

    private string Features(bool registered = true) => $$"""
        endpoints: { {{(registered ? $$"""app: { webhook: "{{_app.Url}}", secret: s, allowPrivate: true }, """ : "")}}other: { webhook: "{{_app.Url}}", secret: s, allowPrivate: true } }
        features:
          told: { contract: { mode: async, caller: leaves, deliverWithin: 10m }, handler: code, delivery: [ endpoint: {{(registered ? "app" : "other")}} ] }
          read: { contract: { mode: async, caller: leaves, deliverWithin: 10m }, handler: code }
          both: { contract: { mode: async, caller: leaves, deliverWithin: 10m }, handler: code, delivery: [ endpoint: other, poll ] }
        """;

    private async Task StartAsync()
    {
        _app = await Receiver.StartAsync((context, _) =>
        {
            context.Response.StatusCode = _status;
            return Task.CompletedTask;
        });
        _node = await TellingNode.StartAsync(Features(), code =>
        {
            foreach (var feature in new[] { "told", "read", "both" }) code.Add<Order, Order>(feature, (order, _, _) => Task.FromResult(order));
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task A_webhook_that_was_given_up_is_queued_again_once_and_then_waits_for_a_person()
    {
        await StartAsync();
        _status = StatusCodes.Status400BadRequest;
        var id = await EndedAsync("told");
        await _node.MarkedAsync();
        await GiveUpAsync(id);
        (await LookAsync()).ShouldBe(0, "it has time");
        await PassAsync();

        (await LookAsync()).ShouldBe(1);

        (await AllAsync()).ShouldHaveSingleItem().ShouldSatisfyAllConditions(gap => gap.Kind.ShouldBe("undelivered"), gap => gap.Did.ShouldBe("retried"), gap => gap.Ended.ShouldNotBeNull());
        await _node.MarkedAsync();
        (await _node.ToldAsync(id, "replayed")).ShouldHaveSingleItem().Recipient.ShouldBe("app");
        await GiveUpAsync(id);
        for (var look = 0; look < 3; look++) await LookAsync();
        var delivery = (await _node.DeliveriesAsync(id)).ShouldHaveSingleItem();
        (delivery.State, delivery.Attempts.Count).ShouldBe((DeliveryState.Dead, 2), "it is tried again once, however often it is looked at");
        var open = (await OpenAsync()).ShouldHaveSingleItem();
        (open.What, open.Job, open.Did).ShouldBe((delivery.Id.ToString(), id, "waiting"));

        _status = StatusCodes.Status204NoContent;
        await _node.Engine.Endpoints.ReplayAsync(Caller.Local, delivery.Id);
        await _node.MarkedAsync();
        await LookAsync();
        (await OpenAsync()).ShouldBeEmpty("a person has seen to it");
    }

    [Fact]
    public async Task What_a_person_replays_in_vain_is_shown_again_and_not_sent_by_itself()
    {
        await StartAsync();
        _status = StatusCodes.Status400BadRequest;
        var id = await EndedAsync("told");
        await _node.MarkedAsync();
        await PassAsync();
        for (var time = 0; time < 2; time++)
        {
            await GiveUpAsync(id);
            await LookAsync();
            if (time == 0) await _node.MarkedAsync();
        }
        await _node.Engine.Endpoints.ReplayAsync(Caller.Local, (await _node.DeliveriesAsync(id))[0].Id);
        await _node.MarkedAsync();
        await LookAsync();
        (await OpenAsync()).ShouldBeEmpty();
        await GiveUpAsync(id);

        await LookAsync();

        (await OpenAsync()).ShouldHaveSingleItem().Did.ShouldBe("waiting");
        (await _node.DeliveriesAsync(id))[0].State.ShouldBe(DeliveryState.Dead);
    }

    [Fact]
    public async Task An_endpoint_that_nobody_sends_to_gets_no_second_try_and_a_person_is_told()
    {
        await StartAsync();
        _status = StatusCodes.Status400BadRequest;
        var id = await EndedAsync("told");
        await _node.MarkedAsync();
        await GiveUpAsync(id);
        await PassAsync();
        await _node.ReloadAsync(Features(registered: false));

        await LookAsync();

        (await AllAsync()).ShouldHaveSingleItem().Did.ShouldBe("waiting");
    }

    [Fact]
    public async Task What_is_not_in_the_outbox_is_put_there_and_sent()
    {
        await StartAsync();
        var id = await EndedAsync("told");
        await _node.MarkedAsync();
        await ForceAsync("DELETE FROM delivery_attempts");
        await ForceAsync("DELETE FROM deliveries");
        await StepAsync();
        (await _node.DeliveriesAsync(id)).ShouldBeEmpty("it has time");
        await PassAsync();

        await StepAsync();
        await StepAsync();

        await _node.MarkedAsync();
        (await _node.DeliveriesAsync(id)).ShouldHaveSingleItem().ShouldSatisfyAllConditions(one => one.State.ShouldBe(DeliveryState.Delivered), one => one.Required.ShouldBeTrue(), one => one.Event.ShouldBe("job.succeeded"));
        (await AllAsync()).ShouldHaveSingleItem().ShouldSatisfyAllConditions(gap => gap.Kind.ShouldBe("undelivered"), gap => gap.Did.ShouldBe("mended"));
    }

    [Theory, InlineData("read"), InlineData("both")]
    public async Task A_result_that_nobody_reads_is_shown_until_somebody_does(string feature)
    {
        await StartAsync();
        var id = await EndedAsync(feature);
        if (feature == "both") await _node.MarkedAsync();
        await StepAsync();
        (await OpenAsync()).ShouldBeEmpty("it has time");
        await PassAsync();
        await StepAsync();
        await StepAsync();
        await LookAsync();
        (await OpenAsync()).ShouldHaveSingleItem().ShouldSatisfyAllConditions(gap => gap.Kind.ShouldBe("undelivered"), gap => gap.What.ShouldBe(id.ToString()), gap => gap.Did.ShouldBe("waiting"));

        (await _node.Engine.ResultAsync(Caller.Local, id, CancellationToken.None)).ShouldBeOfType<ResultAnswer.Found>();
        await LookAsync();

        (await OpenAsync()).ShouldBeEmpty();
        await StepAsync();
        (await AllAsync()).ShouldHaveSingleItem().Ended.ShouldNotBeNull();
    }

    [Fact]
    public async Task A_result_that_goes_unread_is_over_with_its_record_and_what_was_cancelled_owes_none()
    {
        await StartAsync();
        var id = await EndedAsync("read");
        var cancelled = await _node.AcceptedAsync(_node.Call("read") with { StartAt = DateTimeOffset.UtcNow.AddHours(1) });
        await _node.Engine.CancelAsync(Caller.Local, cancelled, CancellationToken.None);
        await PassAsync();
        await StepAsync();
        (await OpenAsync()).ShouldHaveSingleItem().Job.ShouldBe(id);

        await ForceAsync($"DELETE FROM jobs WHERE id = {TestDatabase.Id(id)}");
        await LookAsync();

        (await OpenAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_was_given_up_is_found_along_its_index()
    {
        await StartAsync();
        if (TestDatabase.IsPostgres) return;
        var plan = _node.Engine.Database.Read(async session =>
        {
            var lines = new List<string>();
            using var read = session.Prepare("EXPLAIN QUERY PLAN " + Headway.Storage.Sql.At("Reconciliation/FindGivenUp").Text);
            read.Bind(1, 0L).Bind(2, JobId.FromBytes(new byte[16])).Bind(3, 10L);
            while (await read.StepAsync()) lines.Add(read.Text(3)!);
            return lines;
        });
        plan.ShouldContain(line => line.Contains("deliveries_given_up", StringComparison.Ordinal), string.Join('\n', plan));
        plan.ShouldNotContain(line => line.StartsWith("SCAN", StringComparison.Ordinal) && !line.Contains("deliveries_given_up", StringComparison.Ordinal));
    }

    private async Task<JobId> EndedAsync(string feature)
    {
        var id = await _node.AcceptedAsync(_node.Call(feature));
        return (await _node.EndOfAsync(id)).Id;
    }

    // As after the last try of its schedule.
    private Task<bool> GiveUpAsync(JobId id) => ForceAsync($"UPDATE deliveries SET state = 2, ended = created, claimed = NULL, until = NULL WHERE job = {TestDatabase.Id(id)}");

    // As if all that was promised had been due long ago.
    private Task<bool> PassAsync() => ForceAsync("UPDATE jobs SET deliver_by = created");

    private Task<int> LookAsync() => _node.Engine.Oversight.Reconciler.Deliveries.LookAsync();

    private Task<(int Found, JobId? Next)> StepAsync() => _node.Engine.Oversight.Reconciler.Records.StepAsync(DateTimeOffset.UtcNow.AddMinutes(5), RecordWalk.First);

    private Task<bool> ForceAsync(string sql) => _node.Engine.Database.WriteAsync(new Change(sql));

    private ValueTask<IReadOnlyList<Gap>> OpenAsync() => _node.Engine.Oversight.Gaps.ListAsync("default", null, false, null, 10);

    private ValueTask<IReadOnlyList<Gap>> AllAsync() => _node.Engine.Oversight.Gaps.ListAsync("default", null, true, null, 10);
}

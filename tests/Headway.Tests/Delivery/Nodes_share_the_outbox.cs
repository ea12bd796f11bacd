using System.Collections.Concurrent;
using System.Threading.Channels;
using Headway.Access;
using Headway.Delivery;
using Headway.Handlers.Code;
using Headway.Tests.Jobs;
using Microsoft.AspNetCore.Http;

namespace Headway.Tests.Delivery;

/// <summary>Nodes of one PostgreSQL database: each delivery is sent by one of them at a time, and by another when that one is lost.</summary>
public sealed class Nodes_share_the_outbox
{
    private static string Features(Receiver receiver) => $$"""
        endpoints: { app: { webhook: "{{receiver.Url}}", secret: s, allowPrivate: true, concurrency: 16 } }
        features: { work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, pool: { concurrency: 20, queued: 10000 }, delivery: [ endpoint: app ] } }
        """;

    private readonly Channel<string> _marked = Channel.CreateBounded<string>(10_000);

    private void Mark(string boundary)
    {
        if (boundary == "MarkDelivery:after-commit") _marked.Writer.TryWrite(boundary);
    }

    private Task<string> MarkedAsync() => _marked.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(30));

    private static void Code(CodeHandlers code) => code.Add<Order, Order>("work", (order, _, _) => Task.FromResult(order));

    [Fact]
    public async Task No_delivery_is_sent_by_two_at_the_same_time()
    {
        const int count = 300;
        var tried = new ConcurrentDictionary<string, bool>();
        var (now, twice, all) = (new ConcurrentDictionary<string, bool>(), new ConcurrentQueue<string>(), new ConcurrentQueue<string>());
        await using var receiver = await Receiver.StartAsync(async (context, call) =>
        {
            var id = context.Request.Headers["webhook-id"].ToString();
            if (!now.TryAdd(id, true)) twice.Enqueue(id);
            all.Enqueue(id);
            await Task.Yield();
            // Some fail at first, so that they are claimed again by whoever comes first.
            context.Response.StatusCode = tried.TryAdd(id, true) && call % 10 == 0 ? StatusCodes.Status400BadRequest : StatusCodes.Status204NoContent;
            now.TryRemove(id, out _);
        });
        await using var nodes = new ManyNodes(Features(receiver));
        OneNode[] both = [await nodes.StartAsync(Code), await nodes.StartAsync(Code)];
        foreach (var node in both) node.Fault = Mark;

        var jobs = await Task.WhenAll(Enumerable.Range(0, count).Select(i => both[i % 2].AcceptedAsync("work", $$"""{"id":"{{i}}"}""")));
        foreach (var job in jobs) await both[0].EndOfAsync(job.Id);
        // The last come after a pause of five seconds or so.
        while (await nodes.NumberAsync("SELECT count(*) FROM deliveries WHERE state = 0") > 0) await MarkedAsync();

        twice.ShouldBeEmpty();
        all.Distinct().Count().ShouldBe(count);
        all.Count.ShouldBe((int)await nodes.NumberAsync("SELECT count(*) FROM delivery_attempts"));
        (await nodes.NumberAsync("SELECT count(*) FROM audit_events WHERE action = 'delivered' AND purpose = 'webhook'")).ShouldBe(count);
        (await nodes.NumberAsync("SELECT count(DISTINCT node) FROM delivery_attempts")).ShouldBe(1, "both are one process here");
    }

    [Fact]
    public async Task What_a_lost_node_was_sending_is_sent_again_by_another_under_its_id()
    {
        var hang = true;
        Receiver? receiver = null;
        await using var started = receiver = await Receiver.StartAsync(async (_, _) =>
        {
            if (hang) await receiver!.Over;
        });
        await using var nodes = new ManyNodes(Features(receiver));
        var lost = await nodes.StartAsync(Code);
        var id = (await lost.AcceptedAsync("work")).Id;
        var first = await receiver.NextAsync();
        lost.Die();
        hang = false;
        var other = await nodes.StartAsync(Code);
        other.Fault = Mark;
        // As the clock of the server would in forty seconds.
        await other.Engine.Database.WriteAsync(new Change("UPDATE deliveries SET until = 1"));

        (await receiver.NextAsync()).Id.ShouldBe(first.Id);

        await MarkedAsync();
        await MarkedAsync();
        var delivery = (await other.Engine.Endpoints.OfJobAsync(Caller.Local, id))!.Single();
        delivery.Attempts.Select(attempt => attempt.Outcome).ShouldBe([Outcomes.Lost, Outcomes.Delivered]);
        (await other.Engine.AuditAsync(Caller.Local, id)).Where(entry => entry.Purpose == "webhook").Select(entry => (entry.Action, entry.Outcome)).ShouldBe([("disclosed", "lost"), ("delivered", "succeeded")]);
    }
}

using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Tests.Jobs;
using Headway.Tests.Storage;

namespace Headway.Tests.Delivery;

/// <summary>A property: every job that ended and has endpoints left one row for each of them and each of its ends, and no other job left any.</summary>
public sealed class Every_end_leaves_its_rows
{
    private static string Features(Receiver receiver) => $$"""
        endpoints:
          app: { webhook: "{{receiver.Url}}", secret: s, allowPrivate: true }
          other: { webhook: "{{receiver.Url}}", secret: s, allowPrivate: true }
        features:
          work:  { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retry: { attempts: 1 }, delivery: [ endpoint: app, poll ] }
          quiet: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retry: { attempts: 1 } }
        """;

    [Fact]
    public void Every_end_of_many_leaves_one_row_for_each_endpoint() => Property.Check(chance =>
    {
        // Waited for here: a property has no time of its own.
        Task.Run(async () =>
        {
            await using var receiver = await Receiver.StartAsync();
            var steering = new Steering { Failures = chance.Next(4) };
            await using var node = await TellingNode.StartAsync(Features(receiver), code =>
            {
                foreach (var feature in new[] { "work", "quiet" }) code.Add<Order, Order>(feature, steering.WorkAsync);
            });
            var jobs = new List<JobId>();
            for (var i = 0; i < 12; i++)
            {
                var call = node.Call(chance.Next(2) == 0 ? "work" : "quiet");
                if (chance.Next(2) == 0) call = call with { Endpoint = chance.Next(2) == 0 ? "app" : "other" };
                if (chance.Next(4) == 0) call = call with { StartAt = DateTimeOffset.UtcNow.AddHours(1), Deadline = chance.Next(2) == 0 ? DateTimeOffset.UtcNow.AddMilliseconds(50) : null };
                jobs.Add(await node.AcceptedAsync(call));
                if (chance.Next(3) == 0) await node.Engine.CancelAsync(Caller.Local, jobs[chance.Next(jobs.Count)], CancellationToken.None);
            }
            foreach (var job in jobs)
            {
                if ((await node.Engine.FindAsync(Caller.Local, job))!.State is JobState.Scheduled) await node.Engine.CancelAsync(Caller.Local, job, CancellationToken.None);
                if ((await node.EndOfAsync(job)).State is JobState.Dead && chance.Next(2) == 0 && await node.Engine.ReplayAsync(Caller.Local, job) is Answer.Accepted) await node.EndOfAsync(job);
            }
            // What the records say was to be told, and every end there was, by the audit trail, which a statement of its own writes.
            const string ends = "SELECT sum((SELECT count(*) FROM audit_events e WHERE e.job = j.id AND e.action IN ('completed', 'died', 'cancelled')) * (CASE WHEN j.endpoint LIKE '% %' THEN 2 ELSE 1 END)) FROM jobs j WHERE j.endpoint IS NOT NULL";
            node.Number("SELECT count(*) FROM deliveries").ShouldBe(node.Number(ends));
            node.Number("SELECT count(*) FROM deliveries d JOIN jobs j ON j.id = d.job WHERE j.endpoint IS NULL").ShouldBe(0);
        }).GetAwaiter().GetResult();
    }, cases: TestDatabase.IsPostgres ? 3 : 10);
}

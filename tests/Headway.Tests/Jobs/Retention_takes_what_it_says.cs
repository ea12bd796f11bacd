using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Storage;
using Headway.Tests.Storage;

namespace Headway.Tests.Jobs;

public sealed class Retention_takes_what_it_says
{
    private const string Features = """
        features:
          work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retry: { attempts: 3, backoff: 10ms..20ms }, retention: { payload: 1h, record: 2h, dead: 3h } }
        """;

    private static readonly long Hour = (long)TimeSpan.FromHours(1).TotalMilliseconds;

    private readonly Steering _code = new();

    private Task<Node> StartAsync() => Node.StartAsync(Features, code => code.Add<Order, Order>("work", _code.WorkAsync));

    [Fact]
    public async Task A_dead_letter_that_expired_goes_when_dead_letters_go()
    {
        await using var node = await StartAsync();
        var (database, now) = (node.Engine.Database, DateTimeOffset.UtcNow);
        var job = await node.AcceptedAsync(node.Call("work") with { StartAt = now.AddHours(2), Deadline = now.AddHours(1) });
        var late = database.Now + (2 * Hour);

        (await database.WriteAsync(new ExpireJobs(late, 10, _ => 1))).Jobs.ShouldHaveSingleItem().ShouldBe(job.Id);

        (await database.WriteAsync(new PruneHistory(late + (2 * Hour), 10))).Records.ShouldBe(0);
        (await database.WriteAsync(new PruneHistory(late + (3 * Hour), 10))).Records.ShouldBe(1);
        (await node.Engine.FindAsync(Caller.Local, job.Id)).ShouldBeNull();
    }

    [Fact]
    public async Task The_words_of_a_failed_attempt_go_with_the_payloads()
    {
        _code.Failures = 1;
        await using var node = await StartAsync();
        var job = await node.EndOfAsync((await node.AcceptedAsync(node.Call("work"))).Id);
        (await node.Engine.AttemptsAsync(Caller.Local, job.Id))[0].Failure!.Message.ShouldContain("secret of a");

        (await node.Engine.Database.WriteAsync(new PruneHistory(node.Engine.Database.Now + (90 * Hour / 60), 10))).Payloads.ShouldBe(1);

        var failure = (await node.Engine.AttemptsAsync(Caller.Local, job.Id))[0].Failure!;
        (failure.Code, failure.Message).ShouldBe(("handler-exception", "No words were kept."));
        node.Engine.Database.Read(session =>
        {
            using var rows = session.Prepare("SELECT count(*) FROM attempts WHERE error IS NOT NULL");
            rows.Step();
            return rows.Int64(0);
        }).ShouldBe(0);
    }

    [Fact]
    public async Task An_idempotency_key_does_not_outlive_the_record_it_leads_to()
    {
        await using var node = await StartAsync();
        var call = node.Call("work") with { IdempotencyKey = "k" };
        var first = await node.EndOfAsync((await node.AcceptedAsync(call)).Id);
        (await node.AcceptedAsync(call)).Id.ShouldBe(first.Id);

        (await node.Engine.Database.WriteAsync(new PruneHistory(node.Engine.Database.Now + (3 * Hour), 10))).Records.ShouldBe(1);

        var second = await node.AcceptedAsync(call);
        second.Id.ShouldNotBe(first.Id);
        (await node.EndOfAsync(second.Id)).State.ShouldBe(JobState.Succeeded);
        (await node.AcceptedAsync(call)).Id.ShouldBe(second.Id);
    }
}

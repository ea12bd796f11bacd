using Headway.Jobs;
using Headway.Jobs.Accepting;

namespace Headway.Tests.Jobs;

public sealed class An_idempotency_key_makes_one_job
{
    private const string Features = """
        features:
          later:  { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }
          quick:  { contract: { mode: sync, caller: waits, acceptableWait: 2s }, handler: code, fallback: none }
          tight:  { contract: { mode: sync, caller: waits, acceptableWait: 2s }, handler: code, fallback: none, pool: { concurrency: 1, queue: 0 } }
          maybe:  { contract: { mode: hybrid, wait: 5s, caller: waits, deliverWithin: 1m }, handler: code }
        """;

    private readonly Steering _code = new();

    private Task<Node> StartAsync() => Node.StartAsync(Features, code =>
    {
        foreach (var feature in new[] { "later", "quick", "tight", "maybe" }) code.Add<Order, Order>(feature, _code.WorkAsync);
    });

    [Fact]
    public async Task Of_a_hundred_identical_calls_at_once()
    {
        await using var node = await StartAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => node.AcceptedAsync(node.Call("later") with { IdempotencyKey = "k" })));

        var id = answers.Select(job => job.Id).Distinct().ShouldHaveSingleItem();
        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        _code.Begun.Count.ShouldBe(1);
        (await node.AuditOfAsync(id)).Count(action => action == "submitted").ShouldBe(1);
    }

    [Fact]
    public async Task And_another_payload_under_it_is_refused()
    {
        await using var node = await StartAsync();
        await node.AcceptedAsync(node.Call("later") with { IdempotencyKey = "k" });

        var refused = (await node.Engine.CallAsync(node.Call("later", """{"id":"other"}""") with { IdempotencyKey = "k" }, CancellationToken.None)).ShouldBeOfType<Answer.Refused>();

        (refused.Refusal.Kind, refused.Refusal.Code).ShouldBe((RefusalKind.Mismatch, "idempotency-mismatch"));
    }

    [Fact]
    public async Task While_a_sync_call_is_under_way_its_repeat_is_told_to_come_back_and_then_gets_the_recorded_answer()
    {
        _code.Blocks = true;
        await using var node = await StartAsync();
        var first = node.Engine.CallAsync(node.Call("quick") with { IdempotencyKey = "k" }, CancellationToken.None);
        await _code.BeginsAsync();

        var early = (await node.Engine.CallAsync(node.Call("quick") with { IdempotencyKey = "k" }, CancellationToken.None)).ShouldBeOfType<Answer.Refused>().Refusal;
        (early.Kind, early.Code, early.RetryAfter).ShouldBe((RefusalKind.Conflict, "idempotency-in-progress", TimeSpan.FromSeconds(1)));
        _code.LetGo("a");
        var done = (await first).ShouldBeOfType<Answer.Done>();

        var again = (await node.Engine.CallAsync(node.Call("quick") with { IdempotencyKey = "k" }, CancellationToken.None)).ShouldBeOfType<Answer.Done>();
        again.Job.Id.ShouldBe(done.Job.Id);
        Node.Text(again.Result).ShouldBe(Node.Text(done.Result));
        _code.Begun.Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_recorded_answer_is_given_even_when_the_pool_is_full()
    {
        await using var node = await StartAsync();
        var done = (await node.Engine.CallAsync(node.Call("tight") with { IdempotencyKey = "k" }, CancellationToken.None)).ShouldBeOfType<Answer.Done>();
        _code.Blocks = true;
        var other = node.CallAsync("tight", """{"id":"b"}""");
        while (await _code.BeginsAsync() != "b")
        {
        }

        (await node.CallAsync("tight", """{"id":"c"}""")).ShouldBeOfType<Answer.Refused>().Refusal.Code.ShouldBe("pool-full");
        (await node.Engine.CallAsync(node.Call("tight") with { IdempotencyKey = "k" }, CancellationToken.None)).ShouldBeOfType<Answer.Done>().Job.Id.ShouldBe(done.Job.Id);

        _code.LetGo("b");
        (await other).ShouldBeOfType<Answer.Done>();
    }

    [Fact]
    public async Task A_repeat_of_a_hybrid_call_joins_its_wait()
    {
        _code.Blocks = true;
        await using var node = await StartAsync();
        var first = node.Engine.CallAsync(node.Call("maybe") with { IdempotencyKey = "k" }, CancellationToken.None);
        await _code.BeginsAsync();
        var second = node.Engine.CallAsync(node.Call("maybe") with { IdempotencyKey = "k" }, CancellationToken.None);

        _code.LetGo("a");

        (await second).ShouldBeOfType<Answer.Done>().Job.Id.ShouldBe((await first).ShouldBeOfType<Answer.Done>().Job.Id);
        _code.Begun.Count.ShouldBe(1);
    }

    [Fact]
    public async Task It_is_kept_over_a_restart_and_belongs_to_its_feature_only()
    {
        await using var node = await StartAsync();
        var job = await node.AcceptedAsync(node.Call("later") with { IdempotencyKey = "k" });
        await node.EndOfAsync(job.Id);

        await node.RestartAsync();

        (await node.AcceptedAsync(node.Call("later") with { IdempotencyKey = "k" })).Id.ShouldBe(job.Id);
        (await node.Engine.CallAsync(node.Call("maybe") with { IdempotencyKey = "k" }, CancellationToken.None)).ShouldBeOfType<Answer.Done>().Job.Id.ShouldNotBe(job.Id);
    }
}

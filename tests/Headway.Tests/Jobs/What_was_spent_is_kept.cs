using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Microsoft.Extensions.AI;

namespace Headway.Tests.Jobs;

/// <summary>What an attempt spent and disclosed are facts: they are in the record whatever becomes of the attempt.</summary>
public sealed class What_was_spent_is_kept
{
    private const string Features = """
        models: { m: { provider: rehearsal, firstToken: { p50: 1ms, p99: 1ms }, tokensPerSecond: 1000000, price: { input: 1, output: 1 }, allowedData: [phi] } }
        features:
          work:    { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, pool: { concurrency: 1 } }
          deaf:    { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, pool: { concurrency: 1 }, timeout: 100ms, retry: { attempts: 1 } }
          quick:   { contract: { mode: sync, caller: waits, acceptableWait: 20s }, handler: code, fallback: none, timeout: 20s }
          private: { contract: { mode: sync, caller: waits, acceptableWait: 20s, data: phi }, handler: code, fallback: none, timeout: 20s, pool: { concurrency: 1 }, retention: { payload: 30d, record: 30d } }
        """;

    private readonly Steering _code = new() { Blocks = true };

    private Task<Node> StartAsync() => Node.StartAsync(Features, code =>
    {
        foreach (var feature in new[] { "work", "quick", "private" }) code.Add<Order, Order>(feature, SpendAsync);
        code.Add<Order, Order>("deaf", async (order, feature, _) =>
        {
            await _code.WorkAsync(order, feature, CancellationToken.None);
            await AskAsync(feature, CancellationToken.None);
            return order;
        });
    });

    private async Task<Order> SpendAsync(Order order, FeatureContext feature, CancellationToken stop)
    {
        await AskAsync(feature, stop);
        return await _code.WorkAsync(order, feature, stop);
    }

    private static Task<ChatResponse> AskAsync(FeatureContext feature, CancellationToken stop) => feature.Model("m").GetResponseAsync("What is it?", cancellationToken: stop);

    /// <summary>The pool has one slot: when it is another's, the attempt before is settled for good.</summary>
    private async Task PassOnAsync(Node node, string feature)
    {
        _code.LetGo("next");
        var next = node.CallAsync(feature, """{"id":"next"}""");
        await _code.BeginsAsync();
        await next;
    }

    private static async Task<Job> SpentAsync(Node node, JobId id)
    {
        var job = (await node.Engine.FindAsync(Caller.Local, id))!;
        (job.Usage is { InputTokens: > 0, OutputTokens: > 0, Usd: > 0 }).ShouldBeTrue($"{job.State}: {job.Usage}");
        return job;
    }

    [Fact]
    public async Task By_a_job_that_is_cancelled_meanwhile()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("work"))).Id;
        await _code.BeginsAsync();

        await node.Engine.CancelAsync(Caller.Local, id, CancellationToken.None);
        await PassOnAsync(node, "work");

        (await SpentAsync(node, id)).State.ShouldBe(JobState.Cancelled);
        (await node.AuditOfAsync(id)).ShouldBe(["submitted", "started", "cancelled", "disclosed"]);
    }

    [Fact]
    public async Task By_an_attempt_that_lost_its_job_to_another_node()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("work"))).Id;
        await _code.BeginsAsync();
        await node.Engine.Database.WriteAsync(new Change("UPDATE queue SET lease = lease + 1000, attempt = attempt + 1 WHERE state = 2"));

        _code.LetGo("a");
        await PassOnAsync(node, "work");

        (await SpentAsync(node, id)).State.ShouldBe(JobState.Running);
        (await node.AuditOfAsync(id)).ShouldBe(["submitted", "started", "disclosed"]);
    }

    [Fact]
    public async Task By_a_sync_call_that_an_operator_cancelled()
    {
        await using var node = await StartAsync();
        var call = node.CallAsync("private");
        await _code.BeginsAsync();
        var id = (await node.Engine.ListAsync(Caller.Local, new JobFilter { State = JobState.Running })).Jobs.ShouldHaveSingleItem().Id;

        await node.Engine.CancelAsync(Caller.Local, id, CancellationToken.None);
        (await call).ShouldBeOfType<Answer.Abandoned>();
        await PassOnAsync(node, "private");

        (await SpentAsync(node, id)).State.ShouldBe(JobState.Cancelled);
        (await node.AuditOfAsync(id)).ShouldBe(["opened", "cancelled", "disclosed"]);
    }

    [Fact]
    public async Task By_a_sync_call_whose_caller_left()
    {
        await using var node = await StartAsync();
        using var connection = new CancellationTokenSource();
        var call = node.CallAsync("quick", callerLeft: connection.Token);
        await _code.BeginsAsync();

        await connection.CancelAsync();
        (await call).ShouldBeOfType<Answer.Abandoned>();

        var job = (await node.Engine.ListAsync(Caller.Local, new JobFilter())).Jobs.ShouldHaveSingleItem();
        await SpentAsync(node, job.Id);
        (await node.Engine.AuditAsync(Caller.Local, job.Id)).ShouldHaveSingleItem().Recipient.ShouldBe("m");
    }

    [Fact]
    public async Task By_an_attempt_that_was_handed_back()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("work"))).Id;
        await _code.BeginsAsync();

        await node.RestartAsync();

        await SpentAsync(node, id);
        var attempt = (await node.Engine.AttemptsAsync(Caller.Local, id))[0];
        (attempt.Outcome, attempt.Usage.InputTokens > 0).ShouldBe(("handed-back", true));
        _code.LetGo("a");
        await node.EndOfAsync(id);
    }

    [Fact]
    public async Task By_work_that_went_on_after_its_attempt_had_ended_without_it()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("deaf"))).Id;
        (await node.EndOfAsync(id)).Error!.Code.ShouldBe("timeout");

        _code.LetGo("a");
        await PassOnAsync(node, "deaf");
        await _code.BeginsAsync();

        (await SpentAsync(node, id)).State.ShouldBe(JobState.Dead);
        (await node.AuditOfAsync(id)).ShouldBe(["submitted", "started", "died", "disclosed"]);
    }

    [Fact]
    public async Task Once_and_not_again_when_all_went_well()
    {
        _code.Blocks = false;
        await using var node = await StartAsync();
        var first = await node.EndOfAsync((await node.AcceptedAsync(node.Call("work"))).Id);
        await PassOnAsync(node, "work");

        (await SpentAsync(node, first.Id)).Usage.ShouldBe(first.Usage);
        (await node.AuditOfAsync(first.Id)).ShouldBe(["submitted", "started", "completed", "disclosed"]);
        first.Usage.OutputTokens.ShouldBe((await node.CallAsync("quick")).ShouldBeOfType<Answer.Done>().Job.Usage.OutputTokens);
    }
}

using System.Diagnostics;
using System.Text;
using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Storage;
using Headway.Jobs.Workers;

namespace Headway.Tests.Jobs.Workers;

/// <summary>Jobs that workers come for: each contract, each end, and the promises that hold whoever does the work.</summary>
public sealed class A_worker_does_what_a_node_does
{
    private const string Schema = """{ "type": "object", "required": ["ok"], "properties": { "ok": { "type": "boolean" } } }""";

    private const string Features = """
        features:
          work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: worker, retry: { attempts: 2, backoff: 10ms..20ms }, pool: { concurrency: 3 } }
          narrow: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: worker, pool: { concurrency: 3, cluster: 2 } }
          soon: { contract: { mode: hybrid, caller: waits, wait: 20s, deliverWithin: 1m }, handler: worker }
          strict: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: { worker: pull, output: ok.json }, retry: { attempts: 1 } }
          brief: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: worker, timeout: 300ms, retry: { attempts: 1 }, budget: { usdPerMonth: 100 } }
          paid: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: worker, budget: { usdPerMonth: 100 } }
          coded: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }
        """;

    private readonly PullWorker _worker = new();

    private static Task<Node> StartAsync() => Node.StartAsync(Features, code => code.Add<Order, Order>("coded", (order, _, _) => Task.FromResult(order)), files: new Dictionary<string, string> { ["ok.json"] = Schema });

    [Fact]
    public async Task It_is_given_jobs_with_their_inputs_and_what_it_makes_of_them_is_theirs()
    {
        await using var node = await StartAsync();
        var first = await node.AcceptedAsync(node.Call("work", """{"n":1}""") with { Subject = "encounter/1" });
        await node.AcceptedAsync(node.Call("work", """{"n":2}"""));

        var given = await _worker.ClaimAsync(node.Engine);
        given.Select(job => Encoding.UTF8.GetString(job.Held.Work.Input.Json.Span)).ShouldBe(["""{"n":1}""", """{"n":2}"""]);
        given[0].Held.Work.Subject.ShouldBe("encounter/1");
        given[0].Until.ShouldBeGreaterThan(DateTimeOffset.UtcNow);
        (await _worker.DoneAsync(node.Engine, given[0])).Value.ShouldBe(JobState.Succeeded);

        var ended = await node.EndOfAsync(first.Id);
        (ended.State, ended.Attempt).ShouldBe((JobState.Succeeded, 1));
        (await node.ResultOfAsync(first.Id)).ShouldBe("""{"ok":true}""");
        (await node.AuditOfAsync(first.Id)).ShouldBe(["submitted", "started", "disclosed", "completed", "delivered"]);
        (await node.Engine.AuditAsync(Caller.Local, first.Id)).Single(entry => entry.Action == "disclosed").Recipient.ShouldBe("w1");
    }

    [Fact]
    public async Task Workers_hold_no_more_than_the_cluster_of_a_pool()
    {
        await using var node = await StartAsync();
        for (var i = 0; i < 4; i++) await node.AcceptedAsync(node.Call("narrow"));

        var given = await _worker.ClaimAsync(node.Engine, "narrow");

        given.Count.ShouldBe(2);
        (await _worker.ClaimAsync(node.Engine, "narrow")).ShouldBeEmpty();
        await _worker.DoneAsync(node.Engine, given[0]);
        (await _worker.ClaimAsync(node.Engine, "narrow")).Count.ShouldBe(1);
    }

    [Fact]
    public async Task An_end_that_is_said_again_is_answered_as_before_and_written_once()
    {
        await using var node = await StartAsync();
        await node.AcceptedAsync(node.Call("paid"));
        await node.AcceptedAsync(node.Call("work"));
        var paid = await _worker.OneAsync(node.Engine, "paid");
        var failing = await _worker.OneAsync(node.Engine);

        for (var times = 0; times < 2; times++)
        {
            (await _worker.DoneAsync(node.Engine, paid, facts: PullWorker.Cost(0.5m))).Value.ShouldBe(JobState.Succeeded);
            (await _worker.FailAsync(node.Engine, failing)).Refusal.ShouldBeNull();
        }

        var job = await node.EndOfAsync(PullWorker.IdOf(paid));
        (job.Usage.Usd, job.Usage.InputTokens).ShouldBe((0.5m, 10));
        node.Number("SELECT count(*) FROM model_calls").ShouldBe(1);
        node.Engine.Budgets(Caller.Local).ShouldContain(budget => budget.Spent == 500_000_000);
        node.Number("SELECT count(*) FROM attempts").ShouldBe(1);
        (await node.Engine.AuditAsync(Caller.Local, job.Id)).Where(entry => entry.Action == "disclosed").Select(entry => entry.Recipient).ShouldBe(["w1", "model local-llm"]);
    }

    [Fact]
    public async Task What_it_fails_is_tried_again_by_the_policy_until_it_is_dead()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("work"))).Id;

        await _worker.FailAsync(node.Engine, await _worker.OneAsync(node.Engine));
        var second = await _worker.OneAsync(node.Engine);
        second.Held.Claimed.Fence.Attempt.ShouldBe(2);
        (await _worker.FailAsync(node.Engine, second)).Value.ShouldBe(JobState.Dead);

        var job = await node.EndOfAsync(id);
        (job.State, job.Error!.Code).ShouldBe((JobState.Dead, "registry-down"));
        (await node.Engine.AttemptsAsync(Caller.Local, id)).Select(attempt => (attempt.Outcome, attempt.Node)).ShouldBe([("failed", "w1"), ("failed", "w1")]);
    }

    [Fact]
    public async Task What_it_calls_permanent_is_dead_at_once()
    {
        await using var node = await StartAsync();
        await node.AcceptedAsync(node.Call("work"));
        (await _worker.FailAsync(node.Engine, await _worker.OneAsync(node.Engine), FailureKind.Permanent)).Value.ShouldBe(JobState.Dead);
    }

    [Fact]
    public async Task What_it_hands_back_is_begun_again_and_no_attempt_is_counted()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("work"))).Id;
        await _worker.OneAsync(node.Engine);

        (await _worker.ReleaseAsync(node.Engine, null)).Value.ShouldBe(1);
        (await _worker.RenewAsync(node.Engine)).Refusal!.Kind.ShouldBe(WorkerRefusalKind.SessionLost);
        var next = new PullWorker("w2");
        await next.DoneAsync(node.Engine, await next.OneAsync(node.Engine));

        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        (await node.Engine.AttemptsAsync(Caller.Local, id)).Select(attempt => attempt.Outcome).ShouldBe(["handed-back", "succeeded"]);
        node.Number("SELECT failures FROM jobs").ShouldBe(0);
    }

    [Fact]
    public async Task A_caller_who_waits_is_woken_by_it_and_it_by_the_call()
    {
        await using var node = await StartAsync();
        var took = Stopwatch.StartNew();
        var waiting = _worker.OneAsync(node.Engine, "soon", wait: 15);
        var answer = node.CallAsync("soon");
        await _worker.DoneAsync(node.Engine, await waiting, "\"soon\"");

        Node.Text((await answer).ShouldBeOfType<Answer.Done>().Result).ShouldBe("\"soon\"");
        // Less than either waits before it looks for itself.
        took.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task A_result_that_breaks_its_schema_fails_the_attempt()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("strict"))).Id;

        var refused = (await _worker.DoneAsync(node.Engine, await _worker.OneAsync(node.Engine, "strict"), """{"ok":"yes"}""")).Refusal!;
        refused.Kind.ShouldBe(WorkerRefusalKind.ResultInvalid);
        refused.Message.ShouldContain("$.ok");

        var job = await node.EndOfAsync(id);
        (job.State, job.Error!.Code).ShouldBe((JobState.Dead, "output-invalid"));
    }

    [Fact]
    public async Task An_attempt_is_cut_off_at_its_timeout_whatever_the_worker_does()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("brief"))).Id;
        var given = await _worker.OneAsync(node.Engine, "brief");

        var job = await node.EndOfAsync(id);

        (job.State, job.Error!.Code).ShouldBe((JobState.Dead, "timeout"));
        (await _worker.RenewAsync(node.Engine, given)).Value!.Stop.ShouldHaveSingleItem().Reason.ShouldBe("timeout");
        (await _worker.DoneAsync(node.Engine, given)).Refusal!.Kind.ShouldBe(WorkerRefusalKind.AttemptLost);
    }

    [Fact]
    public async Task A_job_that_is_cancelled_is_named_when_it_renews_and_what_it_spent_all_the_same_is_kept()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("paid"))).Id;
        var given = await _worker.OneAsync(node.Engine, "paid");
        (await _worker.RenewAsync(node.Engine, given)).Value!.Stop.ShouldBeEmpty();
        await node.Engine.CancelAsync(Caller.Local, id, CancellationToken.None);

        (await _worker.RenewAsync(node.Engine, given)).Value!.Stop.ShouldHaveSingleItem().Reason.ShouldBe("cancelled");
        for (var times = 0; times < 2; times++) (await _worker.DoneAsync(node.Engine, given, facts: PullWorker.Cost(0.25m))).Refusal!.Kind.ShouldBe(WorkerRefusalKind.AttemptLost);

        var job = await node.EndOfAsync(id);
        (job.State, job.Usage.Usd).ShouldBe((JobState.Cancelled, 0.25m));
        node.Engine.Budgets(Caller.Local).ShouldContain(budget => budget.Spent == 250_000_000 && budget.Reserved == 0);
    }

    [Fact]
    public async Task What_an_attempt_spent_that_was_cut_off_is_kept_once_though_its_worker_says_that_it_failed()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("brief"))).Id;
        var given = await _worker.OneAsync(node.Engine, "brief");
        await node.EndOfAsync(id);

        for (var times = 0; times < 2; times++) (await _worker.FailAsync(node.Engine, given, code: "timeout", facts: PullWorker.Cost(0.25m))).Value.ShouldBe(JobState.Dead);

        (await node.EndOfAsync(id)).Usage.Usd.ShouldBe(0.25m);
        (await RecipientsAsync(node, id)).ShouldBe(["w1", "model local-llm"]);
        // The job had ended, and nothing was held back for it any more.
        node.Engine.Budgets(Caller.Local).ShouldContain(budget => budget.Spent == 250_000_000);
    }

    [Fact]
    public async Task Whom_it_showed_the_data_is_told_once_however_often_it_says_so()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("paid"))).Id;
        var given = await _worker.OneAsync(node.Engine, "paid");
        await node.Engine.CancelAsync(Caller.Local, id, CancellationToken.None);

        for (var times = 0; times < 2; times++) await _worker.DoneAsync(node.Engine, given, facts: new WorkerFacts([], ["a translator"]));

        (await RecipientsAsync(node, id)).ShouldBe(["w1", "a translator"]);
    }

    [Fact]
    public async Task What_a_replayed_job_costs_counts_against_the_budgets_too()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("paid"))).Id;
        await _worker.FailAsync(node.Engine, await _worker.OneAsync(node.Engine, "paid"), FailureKind.Permanent);
        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Dead);
        (await node.Engine.ReplayAsync(Caller.Local, id)).ShouldBeOfType<Answer.Accepted>();

        await _worker.DoneAsync(node.Engine, await _worker.OneAsync(node.Engine, "paid"), facts: PullWorker.Cost(0.5m));

        node.Engine.Budgets(Caller.Local).ShouldContain(budget => budget.Spent == 500_000_000 && budget.Reserved == 0);
    }

    [Fact]
    public async Task Large_inputs_are_handed_out_as_many_as_fit_and_the_rest_waits_uncounted()
    {
        await using var node = await StartAsync();
        var bytes = new byte[11 << 20];
        new Random(1).NextBytes(bytes);
        var input = $$"""{"scan":"{{Convert.ToBase64String(bytes)}}"}""";
        for (var count = 0; count < 3; count++) await node.AcceptedAsync(node.Call("work", input));

        (await _worker.ClaimAsync(node.Engine, most: 3)).Count.ShouldBe(2);
        node.Number("SELECT count(*) FROM queue WHERE state = 2").ShouldBe(2);
        (await new PullWorker("w2").OneAsync(node.Engine)).Held.Claimed.ShouldSatisfyAllConditions(claimed => claimed.Crashes.ShouldBe(0), claimed => claimed.Failures.ShouldBe(0));
    }

    [Fact]
    public async Task A_job_that_is_cancelled_makes_room_at_once()
    {
        await using var node = await StartAsync();
        for (var count = 0; count < 4; count++) await node.AcceptedAsync(node.Call("work"));
        var given = await _worker.ClaimAsync(node.Engine, most: 3);
        var next = new PullWorker("w2").OneAsync(node.Engine, wait: 15);
        var took = Stopwatch.StartNew();
        await node.Engine.CancelAsync(Caller.Local, PullWorker.IdOf(given[0]), CancellationToken.None);

        await next;
        // Less than it waits before it looks for itself.
        took.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task An_id_beyond_all_numbers_is_too_long()
    {
        await using var node = await StartAsync();
        await node.AcceptedAsync(node.Call("work"));
        (await _worker.SayAsync(node.Engine, await _worker.OneAsync(node.Engine), long.MaxValue, "a", "b")).Refusal!.Kind.ShouldBe(WorkerRefusalKind.OutputTooLong);
    }

    [Fact(Timeout = 30_000)]
    public async Task What_its_attempts_take_beyond_others_is_charged_to_later_turns()
    {
        await using var node = await StartAsync();
        for (var count = 0; count < 2; count++) await node.AcceptedAsync(node.Call("work"));
        var slow = await _worker.OneAsync(node.Engine);
        await node.Engine.Database.WriteAsync(new Change("UPDATE queue SET started = started - 600000 WHERE state = 2"));
        var usual = await _worker.OneAsync(node.Engine);
        await node.Engine.Database.WriteAsync(new Change("UPDATE queue SET started = started - 5000 WHERE state = 2"));
        await node.RestartAsync();

        await _worker.DoneAsync(node.Engine, usual);
        await _worker.DoneAsync(node.Engine, slow);

        // Gathered, and written once a second.
        while (node.Number("SELECT coalesce(sum(charged), 0) FROM turns") < 50 * Turns.Whole) await node.Engine.Database.WriteAsync(new Change("SELECT 1"));
    }

    [Fact]
    public async Task Many_that_wait_are_each_woken_by_as_much_as_there_is_for_them()
    {
        await using var node = await StartAsync();
        var waiting = Enumerable.Range(0, 3).Select(number => new PullWorker($"w{number}").OneAsync(node.Engine, wait: 15)).ToList();
        var took = Stopwatch.StartNew();
        for (var count = 0; count < 3; count++) await node.AcceptedAsync(node.Call("work"));

        (await Task.WhenAll(waiting)).Select(PullWorker.IdOf).Distinct().Count().ShouldBe(3);
        took.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(4));
    }

    [Fact]
    public async Task Workers_together_hold_no_more_than_the_pool_allows()
    {
        await using var node = await StartAsync();
        for (var count = 0; count < 8; count++) await node.AcceptedAsync(node.Call("work"));
        var workers = Enumerable.Range(0, 6).Select(number => new PullWorker($"w{number}")).ToList();

        var given = await Task.WhenAll(workers.Select(worker => worker.ClaimAsync(node.Engine, most: 2)));
        given.Sum(jobs => jobs.Count).ShouldBe(3);

        var busy = workers[Array.FindIndex(given, jobs => jobs.Count > 0)];
        var waits = workers[0].ClaimAsync(node.Engine, wait: 15);
        await busy.DoneAsync(node.Engine, given.First(jobs => jobs.Count > 0)[0]);
        (await waits).Count.ShouldBe(1);
    }

    [Fact]
    public async Task A_job_says_whether_a_worker_is_there()
    {
        await using var node = await StartAsync();
        var ids = new List<JobId>();
        for (var count = 0; count < 5; count++) ids.Add((await node.AcceptedAsync(node.Call("work"))).Id);

        (await WaitsForAsync(node, ids[4])).ShouldBe("no-worker");
        var given = await _worker.ClaimAsync(node.Engine, most: 2);
        (await WaitsForAsync(node, ids[4])).ShouldBe("turn");
        await _worker.ClaimAsync(node.Engine, most: 1);
        (await WaitsForAsync(node, ids[4])).ShouldBe("pool-full");
        (await node.Engine.FindAsync(Caller.Local, PullWorker.IdOf(given[0])))!.State.ShouldBe(JobState.Running);
    }

    [Fact]
    public async Task What_it_does_not_do_it_is_told()
    {
        await using var node = await StartAsync();
        (await _worker.AskAsync(node.Engine, "coded")).Refusal!.Kind.ShouldBe(WorkerRefusalKind.FeatureNotForWorkers);
        (await _worker.AskAsync(node.Engine, "unheard-of")).Refusal!.Kind.ShouldBe(WorkerRefusalKind.FeatureUnknown);
        (await node.Engine.Workers.Renewals.RenewAsync("wrk_1.77.00000000000000000000000000000000", [])).Refusal!.Kind.ShouldBe(WorkerRefusalKind.SessionUnknown);
    }

    private static async Task<List<string?>> RecipientsAsync(Node node, JobId id) =>
        [.. (await node.Engine.AuditAsync(Caller.Local, id)).Where(entry => entry.Action == "disclosed").Select(entry => entry.Recipient)];

    private static async Task<string> WaitsForAsync(Node node, JobId id) => (await node.Engine.FindAsync(Caller.Local, id))!.WaitingFor!.Code;
}

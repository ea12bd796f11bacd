using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Workers;
using Headway.Streams;

namespace Headway.Tests.Jobs.Workers;

/// <summary>Workers whose lease runs out, whose answers are lost, and whose node goes away under them.</summary>
public sealed class A_worker_that_is_lost_writes_nothing
{
    private const string Features = """
        features:
          work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: worker, retry: { attempts: 5, backoff: 10ms..20ms } }
        """;

    private readonly PullWorker _worker = new();

    private static Task<Node> StartAsync() => Node.StartAsync(Features, _ => { });

    private static Task<bool> RunOutAsync(Node node) => node.Engine.Database.WriteAsync(new Change("UPDATE leases SET expires = 1 WHERE pools IS NOT NULL"));

    [Fact]
    public async Task Its_jobs_are_others_when_its_lease_has_run_out_and_its_fence_is_broken()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("work"))).Id;
        var old = await _worker.OneAsync(node.Engine);
        await _worker.SayAsync(node.Engine, old, 1, "half of ");
        await RunOutAsync(node);

        var other = new PullWorker("w2");
        var taken = await other.OneAsync(node.Engine, wait: 20);
        taken.Held.Claimed.Fence.Attempt.ShouldBe(2);
        taken.Held.Claimed.Crashes.ShouldBe(1);
        await other.SayAsync(node.Engine, taken, 1, "all ");

        (await _worker.SayAsync(node.Engine, old, 2, "it")).Refusal!.Kind.ShouldBe(WorkerRefusalKind.AttemptLost);
        (await _worker.ProgressAsync(node.Engine, old, 2, 1)).Refusal!.Kind.ShouldBe(WorkerRefusalKind.AttemptLost);
        (await _worker.DoneAsync(node.Engine, old)).Refusal!.Kind.ShouldBe(WorkerRefusalKind.AttemptLost);
        (await _worker.FailAsync(node.Engine, old)).Refusal!.Kind.ShouldBe(WorkerRefusalKind.AttemptLost);
        (await _worker.ReleaseAsync(node.Engine, old)).Value.ShouldBe(0);
        (await _worker.RenewAsync(node.Engine, old)).Refusal!.Kind.ShouldBe(WorkerRefusalKind.SessionLost);
        (await _worker.AskAsync(node.Engine)).Refusal!.Kind.ShouldBe(WorkerRefusalKind.SessionLost);

        await other.SayAsync(node.Engine, taken, 2, "of it");
        (await other.DoneAsync(node.Engine, taken, null)).Value.ShouldBe(JobState.Succeeded);
        (await node.ResultOfAsync(id)).ShouldBe("all of it");
        (await ShownAsync(node, id)).ShouldBe(["delta half of ", "restart", "delta all ", "delta of it", "end"]);
        (await node.Engine.AttemptsAsync(Caller.Local, id)).Select(attempt => attempt.Outcome).ShouldBe(["crashed", "succeeded"]);
    }

    [Fact]
    public async Task Under_a_lease_that_is_gone_nothing_is_claimed()
    {
        await using var node = await StartAsync();
        await _worker.ClaimAsync(node.Engine);
        await node.AcceptedAsync(node.Call("work"));
        await node.Engine.Database.WriteAsync(new Change("DELETE FROM leases WHERE pools IS NOT NULL"));

        (await _worker.AskAsync(node.Engine)).Refusal!.Kind.ShouldBe(WorkerRefusalKind.SessionLost);
        node.Number("SELECT count(*) FROM queue WHERE state = 2").ShouldBe(0);
    }

    [Fact]
    public async Task A_job_under_which_workers_die_three_times_is_dead()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("work"))).Id;
        for (var death = 0; death < 3; death++)
        {
            await new PullWorker().OneAsync(node.Engine, wait: 20);
            await RunOutAsync(node);
        }

        var job = await node.EndOfAsync(id);
        (job.State, job.Error!.Code).ShouldBe((JobState.Dead, "poison"));
    }

    [Fact]
    public async Task What_it_says_twice_is_written_once_and_what_is_missing_is_asked_for()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("work"))).Id;
        var given = await _worker.OneAsync(node.Engine);

        (await _worker.SayAsync(node.Engine, given, 1, "a", "b")).Value.ShouldBe(3);
        (await _worker.SayAsync(node.Engine, given, 1, "a", "b")).Value.ShouldBe(3);
        (await _worker.SayAsync(node.Engine, given, 2, "b", "c")).Value.ShouldBe(4);
        (await _worker.ProgressAsync(node.Engine, given, 4, 3)).Value.ShouldBe(5);
        (await _worker.ProgressAsync(node.Engine, given, 4, 3)).Value.ShouldBe(5);
        var gap = (await _worker.SayAsync(node.Engine, given, 7, "e")).Refusal!;
        (gap.Kind, gap.Message.Contains("has the id 5", StringComparison.Ordinal)).ShouldBe((WorkerRefusalKind.OutputGap, true));
        (await node.Engine.FindAsync(Caller.Local, id))!.Progress.ShouldBe(new Progress(3, 7, "pages"));
        await _worker.DoneAsync(node.Engine, given, null);

        var events = await node.EventsOfAsync(id);
        events.Where(entry => entry.Id is not null).Select(entry => entry.Id!.Value - LogEvent.FirstOf(1)).ShouldBe([1, 2, 3, 4, 5]);
        (await ShownAsync(node, id)).ShouldBe(["delta a", "delta b", "delta c", "progress", "end"]);
    }

    [Fact]
    public async Task Of_many_who_say_the_same_at_once_one_is_written()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("work"))).Id;
        var given = await _worker.OneAsync(node.Engine);

        for (var round = 0; round < 20; round++)
        {
            var next = round + 1;
            var said = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _worker.SayAsync(node.Engine, given, next, $"{next} ")));
            said.ShouldAllBe(answer => answer.Value == next + 1);
        }
        var ends = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => _worker.DoneAsync(node.Engine, given, null)));

        ends.ShouldAllBe(answer => answer.Value == JobState.Succeeded);
        (await node.ResultOfAsync(id)).ShouldBe(string.Concat(Enumerable.Range(1, 20).Select(number => $"{number} ")));
        node.Number("SELECT count(*) FROM audit_events WHERE action = 'completed'").ShouldBe(1);
    }

    [Fact]
    public async Task A_claim_whose_answer_was_lost_is_given_back_though_the_worker_lives()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("work"))).Id;
        var lost = await _worker.OneAsync(node.Engine);

        (await _worker.RenewAsync(node.Engine)).Refusal.ShouldBeNull();
        (await node.Engine.FindAsync(Caller.Local, id))!.State.ShouldBe(JobState.Running);
        await node.Engine.Database.WriteAsync(new Change("UPDATE queue SET started = started - 60000"));
        (await _worker.RenewAsync(node.Engine)).Refusal.ShouldBeNull();

        var again = await _worker.OneAsync(node.Engine, wait: 20);
        PullWorker.IdOf(again).ShouldBe(PullWorker.IdOf(lost));
        again.Held.Claimed.ShouldSatisfyAllConditions(claimed => claimed.Crashes.ShouldBe(0), claimed => claimed.Failures.ShouldBe(0));
    }

    [Fact]
    public async Task And_so_it_is_though_the_worker_only_claims_if_it_says_what_it_is_at()
    {
        await using var node = await StartAsync();
        await node.AcceptedAsync(node.Call("work"));
        await node.AcceptedAsync(node.Call("work"));
        var lost = await _worker.OneAsync(node.Engine);
        var kept = await _worker.OneAsync(node.Engine);
        await node.Engine.Database.WriteAsync(new Change("UPDATE queue SET started = started - 60000"));

        await _worker.AskAsync(node.Engine, most: 1, at: [kept]);

        (await _worker.RenewAsync(node.Engine, lost, kept)).Value!.Stop.ShouldHaveSingleItem().Job.Job.ShouldBe(PullWorker.IdOf(lost));
    }

    [Fact]
    public async Task A_claim_that_comes_while_its_session_is_given_up_leaves_nothing_under_a_lease_that_is_gone()
    {
        await using var node = await StartAsync();
        for (var count = 0; count < 10; count++) await node.AcceptedAsync(node.Call("work"));
        for (var round = 0; round < 10; round++)
        {
            var worker = new PullWorker($"w{round}");
            await worker.OneAsync(node.Engine, wait: 10);
            await Task.WhenAll(worker.ReleaseAsync(node.Engine, null), worker.AskAsync(node.Engine, most: 1), worker.AskAsync(node.Engine, most: 1));
            node.Number("SELECT count(*) FROM queue WHERE state = 2 AND lease NOT IN (SELECT id FROM leases)").ShouldBe(0);
            await worker.ReleaseAsync(node.Engine, null);
        }
    }

    [Fact]
    public async Task It_goes_on_when_the_node_has_been_away()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("work"))).Id;
        var given = await _worker.OneAsync(node.Engine);
        await _worker.SayAsync(node.Engine, given, 1, "before ");
        // As if nobody could renew for long.
        if (!node.Engine.Database.IsShared) await RunOutAsync(node);

        await node.RestartAsync();

        (await _worker.RenewAsync(node.Engine, given)).Value!.Stop.ShouldBeEmpty();
        (await _worker.SayAsync(node.Engine, given, 2, "after")).Value.ShouldBe(3);
        (await _worker.DoneAsync(node.Engine, given, null)).Value.ShouldBe(JobState.Succeeded);
        (await node.ResultOfAsync(id)).ShouldBe("before after");
        (await node.Engine.FindAsync(Caller.Local, id))!.Attempt.ShouldBe(1);
    }

    [Fact]
    public async Task Data_is_not_handed_out_once_the_file_takes_it_back()
    {
        const string Sensitive = """
            features:
              work: { contract: { mode: async, caller: leaves, deliverWithin: 1m, data: phi }, handler: { worker: pull, allowedData: [phi] }, retention: 30d }
            """;
        await using var node = await Node.StartAsync(Sensitive, _ => { });
        var id = (await node.AcceptedAsync(node.Call("work"))).Id;
        await node.ReloadAsync(Sensitive.Replace("allowedData: [phi]", "allowedData: [public]", StringComparison.Ordinal));

        (await _worker.ClaimAsync(node.Engine)).ShouldBeEmpty();

        (await node.EndOfAsync(id)).Error!.Code.ShouldBe("data-not-allowed");
        (await node.AuditOfAsync(id)).ShouldBe(["submitted", "started", "died"]);
    }

    [Fact]
    public async Task A_job_that_was_accepted_for_workers_waits_for_them_when_the_file_says_otherwise()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("work"))).Id;
        await node.ReloadAsync(Features.Replace("handler: worker", "handler: { http: http://127.0.0.1:9/x }", StringComparison.Ordinal));
        (await node.Engine.FindAsync(Caller.Local, id))!.State.ShouldBe(JobState.Queued);

        await node.ReloadAsync(Features);
        await _worker.DoneAsync(node.Engine, await _worker.OneAsync(node.Engine));
        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
    }

    private static async Task<List<string>> ShownAsync(Node node, JobId id)
    {
        var shown = new List<string>();
        foreach (var entry in (await node.EventsOfAsync(id)).Where(entry => entry.Kind is not "status"))
        {
            using var data = System.Text.Json.JsonDocument.Parse(entry.Data);
            shown.Add(entry.Kind is "delta" ? $"delta {data.RootElement.GetProperty("text").GetString()}" : entry.Kind);
        }
        return shown;
    }
}

using System.Text;
using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;
using Headway.Tests.Storage;

namespace Headway.Tests.Jobs;

public sealed class Dead_letters_are_replayed
{
    private const string Features = """
        models:
          fast: { provider: rehearsal, firstToken: { p50: 1ms, p99: 1ms }, tokensPerSecond: 1000000 }
          strong: { provider: rehearsal, firstToken: { p50: 1ms, p99: 1ms }, tokensPerSecond: 1000000 }
          closed: { provider: rehearsal, allowedData: [public] }
          vectors: { provider: rehearsal, kind: embedding, dimensions: 8 }
        features:
          work: { contract: { mode: async, caller: leaves, deliverWithin: 5m }, handler: code, pool: { concurrency: 16, queued: 10000 }, retry: { attempts: 1 } }
          small: { contract: { mode: async, caller: leaves, deliverWithin: 5m }, handler: code, pool: { concurrency: 1, queued: 3 }, retry: { attempts: 1 } }
          ask: { contract: { mode: async, caller: leaves, deliverWithin: 5m, output: prose }, handler: { prompt: ask.hbs, models: [fast] }, retry: { attempts: 1 } }
        """;

    private readonly Steering _code = new();
    private volatile bool _down = true;

    private Task<Node> StartAsync() => Node.StartAsync(Features, code =>
    {
        code.Add<Order, Order>("work", (order, feature, stop) => _down ? throw new InvalidDataException($"secret of {order.Id}") : _code.WorkAsync(order, feature, stop));
        code.Add<Order, Order>("small", (order, feature, stop) => _down ? throw new TimeoutException() : _code.WorkAsync(order, feature, stop));
    }, files: new Dictionary<string, string> { ["ask.hbs"] = "Answer: {{#each q}}{{this}}{{/each}}" });

    private static async Task<ReplayReport> ReplayAsync(Node node, JobFilter filter, bool dryRun = false, string? key = null, string? model = null, int? atMost = null) =>
        (await node.Engine.ReplayDeadAsync(Caller.Local, new ReplayAsk { Filter = filter, DryRun = dryRun, Key = key, Model = model, AtMost = atMost ?? ReplayAsk.MostAtOnce })).ShouldBeOfType<ReplayAnswer.Done>().Report;

    private static async Task<List<JobId>> DieAsync(Node node, string feature, int count)
    {
        var ids = new List<JobId>();
        foreach (var chunk in Enumerable.Range(0, count).Chunk(500))
            ids.AddRange((await Task.WhenAll(chunk.Select(i => node.AcceptedAsync(node.Call(feature, $$"""{"id":"{{i}}"}"""))))).Select(job => job.Id));
        foreach (var id in ids) (await node.EndOfAsync(id)).State.ShouldBe(JobState.Dead);
        return ids;
    }

    [Fact]
    public async Task Two_thousand_at_once_as_the_dry_run_said_while_they_are_claimed()
    {
        await using var node = await StartAsync();
        var ids = await DieAsync(node, "work", 2_000);
        var filter = new JobFilter { Feature = "work", Error = "handler-exception" };
        _down = false;

        var foreseen = await ReplayAsync(node, filter, dryRun: true);
        var other = await ReplayAsync(node, filter with { Error = "other" });
        var done = await ReplayAsync(node, filter);

        (foreseen.Matched, foreseen.Replayed, foreseen.More).ShouldBe((2_000, 2_000, false));
        other.Matched.ShouldBe(0);
        (done with { DryRun = true, Passed = foreseen.Passed, Named = foreseen.Named }).ShouldBe(foreseen);
        foreach (var id in ids) (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        _code.Begun.Count.ShouldBe(2_000);
        (await ReplayAsync(node, filter, dryRun: true)).Matched.ShouldBe(0);
    }

    [Fact]
    public async Task Each_once_however_many_replay_them_at_the_same_time()
    {
        await using var node = await StartAsync();
        var ids = await DieAsync(node, "work", 300);
        _down = false;

        var reports = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ReplayAsync(node, new JobFilter { Feature = "work" })));

        reports.Sum(report => report.Replayed).ShouldBe(300);
        foreach (var id in ids) (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        _code.Begun.Count.ShouldBe(300);
        foreach (var id in ids.Take(20)) (await node.AuditOfAsync(id)).Count(action => action == "replayed").ShouldBe(1);
    }

    [Fact]
    public async Task Once_under_one_key_and_a_repeat_gets_the_same_report()
    {
        await using var node = await StartAsync();
        await DieAsync(node, "work", 5);
        var filter = new JobFilter { Feature = "work" };

        var first = await ReplayAsync(node, filter, key: "k", atMost: 3);
        (first.Matched, first.Replayed, first.More).ShouldBe((3, 3, true));
        // They die again; a repeat is no second replay.
        while ((await node.Engine.ListAsync(Caller.Local, new JobFilter { State = JobState.Dead })).Jobs.Count < 5) await node.Engine.Database.ReadAsync(_ => ValueTask.FromResult(0));
        var again = await ReplayAsync(node, filter, key: "k", atMost: 3);
        (again with { Passed = first.Passed, Named = first.Named }).ShouldBe(first);
        node.Number("SELECT count(*) FROM audit_events WHERE action = 'replayed'").ShouldBe(3);

        var other = (await node.Engine.ReplayDeadAsync(Caller.Local, new ReplayAsk { Filter = filter with { Error = "other" }, Key = "k" })).ShouldBeOfType<ReplayAnswer.Refused>();
        other.Refusal.Code.ShouldBe("idempotency-mismatch");
    }

    [Fact]
    public async Task From_where_a_lost_node_stopped_and_only_by_one_at_a_time()
    {
        await using var node = await StartAsync();
        await DieAsync(node, "work", 4);
        var filter = new JobFilter { Feature = "work" };
        await ReplayAsync(node, filter, key: "k");
        while ((await node.Engine.ListAsync(Caller.Local, new JobFilter { State = JobState.Dead })).Jobs.Count < 4) await node.Engine.Database.ReadAsync(_ => ValueTask.FromResult(0));

        // As if its node had been lost before the last batch.
        await node.Engine.Database.WriteAsync(new Change("UPDATE replays SET done = 0"));
        (await node.Engine.ReplayDeadAsync(Caller.Local, new ReplayAsk { Filter = filter, Key = "k" })).ShouldBeOfType<ReplayAnswer.Refused>().Refusal.Code.ShouldBe("idempotency-in-progress");
        await node.Engine.Database.WriteAsync(new Change("UPDATE replays SET touched = touched - 60000"));
        var report = await ReplayAsync(node, filter, key: "k");

        // All were decided about: what died again since is not meant.
        (report.Matched, report.Replayed).ShouldBe((4, 4));
        node.Number("SELECT count(*) FROM audit_events WHERE action = 'replayed'").ShouldBe(4);
    }

    [Fact]
    public async Task As_many_as_their_queue_holds_and_the_rest_is_told()
    {
        await using var node = await StartAsync();
        await DieOneByOneAsync(node, 6);
        (_down, _code.Blocks) = (false, true);
        var running = await node.AcceptedAsync(node.Call("small", """{"id":"first"}"""));
        await _code.BeginsAsync();

        var foreseen = await ReplayAsync(node, new JobFilter { Feature = "small" }, dryRun: true);
        var done = await ReplayAsync(node, new JobFilter { Feature = "small" });

        (foreseen.Replayed, foreseen.Passed["queue-full"]).ShouldBe((3, 3));
        (done.Matched, done.Replayed, done.Passed["queue-full"]).ShouldBe((6, 3, 3));
        done.Named.Select(passed => passed.Code).ShouldBe(["queue-full", "queue-full", "queue-full"]);
        (await node.CallAsync("small")).ShouldBeOfType<Answer.Refused>().Refusal.Code.ShouldBe("queue-full");
        _code.Blocks = false;
        _code.LetGo("first");
        await node.EndOfAsync(running.Id);
    }

    private static async Task DieOneByOneAsync(Node node, int count)
    {
        for (var i = 0; i < count; i++) await DieAsync(node, "small", 1);
    }

    [Fact]
    public async Task And_grouped_by_what_they_died_of_where_and_never_by_its_words()
    {
        await using var node = await StartAsync();
        await DieAsync(node, "work", 3);
        await DieAsync(node, "small", 1);

        var groups = await node.Engine.DeadGroupsAsync(Caller.Local, new JobFilter());

        groups.Select(group => (group.Feature, group.Version, group.Reason, group.Kind, group.Count)).ShouldBe(
            [("work", 1, "handler-exception", FailureKind.Bug, 3), ("small", 1, "handler-exception", FailureKind.Bug, 1)]);
        groups[0].Fingerprint.ShouldNotContain("secret");
        groups[0].Fingerprint.ShouldNotContain("<");
        groups[0].First.ShouldBeLessThanOrEqualTo(groups[0].Last);
        (await node.Engine.ListAsync(Caller.Local, new JobFilter { State = JobState.Dead, Fingerprint = groups[0].Fingerprint })).Jobs.Select(job => job.Id).ShouldContain(groups[0].Example);
        _down = false;
        (await ReplayAsync(node, new JobFilter { Fingerprint = groups[0].Fingerprint })).Replayed.ShouldBe(3);
        (await node.Engine.DeadGroupsAsync(Caller.Local, new JobFilter())).ShouldHaveSingleItem().Feature.ShouldBe("small");
    }

    [Fact]
    public async Task With_another_input_under_the_same_id_and_the_former_one_is_kept_and_shown()
    {
        await using var node = await StartAsync();
        var id = (await DieAsync(node, "work", 1))[0];
        _down = false;

        (await node.Engine.ReplayAsync(Caller.Local, id, new ReplayChange { Input = """{"id":"mended"}"""u8.ToArray() })).ShouldBeOfType<Answer.Accepted>();

        (await node.EndOfAsync(id)).State.ShouldBe(JobState.Succeeded);
        (await node.ResultOfAsync(id)).ShouldContain("mended");
        (await node.Engine.InputsAsync(Caller.Local, id))!.Select(input => (input.Number, input.Attempt, input.Actor)).ShouldBe([(1, 1, Caller.Local.Actor), (2, null, null)]);
        Encoding.UTF8.GetString((await node.Engine.ViewInputAsync(Caller.Local, id, 1))!.Value.Json.Span).ShouldBe("""{"id":"0"}""");
        Encoding.UTF8.GetString((await node.Engine.ViewInputAsync(Caller.Local, id, 2))!.Value.Json.Span).ShouldBe("""{"id":"mended"}""");
        (await node.Engine.ViewInputAsync(Caller.Local, id, 3)).ShouldBeNull();
        var audit = await node.Engine.AuditAsync(Caller.Local, id);
        audit.Single(entry => entry.Action == "replayed").Purpose.ShouldBe("other input");
        audit.Count(entry => entry is { Action: "viewed", Purpose: "input" }).ShouldBe(2);

        await node.Engine.ForgetAsync(Caller.Local, id);
        (await node.Engine.InputsAsync(Caller.Local, id))!.ShouldBeEmpty();
        node.Number("SELECT count(*) FROM former_inputs").ShouldBe(0);
        node.Number("SELECT count(*) FROM payloads").ShouldBe(0);
    }

    [Fact]
    public async Task With_another_model_for_this_replay_alone()
    {
        await using var node = await StartAsync();
        var id = (await node.AcceptedAsync(node.Call("ask", """{"q":["why"]}"""))).Id;
        (await node.EndOfAsync(id)).Model.ShouldBe("fast");
        await node.Engine.Database.WriteAsync(new Change(TestDatabase.IsPostgres
            ? "ALTER TABLE jobs DISABLE TRIGGER jobs_state; UPDATE jobs SET state = 7, error_code = 'x', error_kind = 0; ALTER TABLE jobs ENABLE TRIGGER jobs_state"
            : "DROP TRIGGER jobs_state; UPDATE jobs SET state = 7, error_code = 'x', error_kind = 0"));

        foreach (var (model, code) in new[] { ("none", "replay-model-unknown"), ("closed", "replay-model-data"), ("vectors", "replay-model-kind") })
            (await node.Engine.ReplayAsync(Caller.Local, id, new ReplayChange { Model = model })).ShouldBeOfType<Answer.Refused>().Refusal.Code.ShouldBe(code);
        (await ReplayAsync(node, new JobFilter(), dryRun: true, model: "closed")).Passed["replay-model-data"].ShouldBe(1);
        (await ReplayAsync(node, new JobFilter(), model: "strong")).Replayed.ShouldBe(1);

        var job = await node.EndOfAsync(id);
        (job.State, job.Model).ShouldBe((JobState.Succeeded, "strong"));
        (await node.Engine.AuditAsync(Caller.Local, id)).Single(entry => entry.Action == "replayed").Recipient.ShouldBe("strong");
    }

    [Fact]
    public async Task But_code_names_its_models_itself()
    {
        await using var node = await StartAsync();
        var id = (await DieAsync(node, "work", 1))[0];

        (await node.Engine.ReplayAsync(Caller.Local, id, new ReplayChange { Model = "strong" })).ShouldBeOfType<Answer.Refused>().Refusal.Code.ShouldBe("replay-model-forbidden");
    }
}

using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;
using Headway.Tests.Storage;

namespace Headway.Tests.Jobs;

[Collection(Alone.Name)]
public sealed class Estimates_come_true
{
    private const string Features = """
        models:
          quick-model: { provider: rehearsal, firstToken: { p50: 150ms, p99: 250ms }, tokensPerSecond: 100000 }
          slow-model:  { provider: rehearsal, firstToken: { p50: 300ms, p99: 450ms }, tokensPerSecond: 100000 }
        features:
          brisk: { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: { prompt: ask.hbs, models: [quick-model] }, pool: { concurrency: 2 } }
          slow:  { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: { prompt: ask.hbs, models: [slow-model] }, pool: { concurrency: 3 } }
        """;

    // Below it a share says nothing: it is what a loaded machine needs for one start.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);

    private static readonly Dictionary<string, string> Files = new() { ["ask.hbs"] = "Answer: {{n}}" };

    [Fact]
    public async Task On_one_node_with_priorities_and_several_pools()
    {
        await using var node = await Node.StartAsync(Features, _ => { }, files: Files);

        await HoldAsync([node.Engine], feature => node.Call(feature, """{"n":"x"}"""));
    }

    [PostgresFact]
    public async Task On_two_nodes_whose_slots_count_together_asked_at_a_third_that_does_not_work()
    {
        await using var nodes = new ManyNodes(Features, Files);
        var engines = new List<Engine>();
        for (var n = 0; n < 2; n++) engines.Add((await nodes.StartAsync()).Engine);
        var front = await nodes.StartAsync(duty: NodeDuty.Parse("api", null));

        await HoldAsync([front.Engine, .. engines], feature => front.Call(feature, """{"n":"x"}"""));
    }

    private static async Task HoldAsync(IReadOnlyList<Engine> engines, Func<string, Call> call)
    {
        var front = engines[0];
        string[] features = ["brisk", "slow"];
        // What is believed is measured first; the other nodes tell of it within a second.
        foreach (var feature in features) await EndAsync(front, await front.SubmitAsync([.. Enumerable.Range(0, 24).Select(_ => call(feature))], CancellationToken.None));
        await ToldAsync(front, call);

        var asked = new List<(Job Job, DateTimeOffset At)>();
        foreach (var feature in features)
        {
            var verdicts = await front.SubmitAsync([.. Enumerable.Range(0, 36).Select(i => call(feature) with { Priority = 4 + (i % 3) })], CancellationToken.None);
            // How fast the machine is now is known once some of them have ended: those of the highest priority are first.
            await EndAsync(front, [.. verdicts.Where((_, i) => i % 3 == 2).Take(6)]);
            foreach (var verdict in verdicts.Reverse())
            {
                if (await front.FindAsync(Caller.Local, verdict.Job!.Value) is { State: JobState.Queued } job) asked.Add((job, front.Database.Time.GetUtcNow()));
            }
        }

        asked.Count.ShouldBeGreaterThan(24);
        var errors = new List<double>();
        foreach (var (job, at) in asked)
        {
            var ended = await front.WaitAsync(Caller.Local, job.Id, TimeSpan.FromSeconds(60), CancellationToken.None);
            var (real, believed) = (ended!.Started.ShouldNotBeNull() - at, job.Estimate.ShouldNotBeNull() - at);
            errors.Add(Math.Abs((believed - real) / (real > Shortest ? real : Shortest)));
        }

        errors.Order().ElementAt(errors.Count / 2).ShouldBeLessThan(0.3);
    }

    private static async Task EndAsync(Engine engine, IReadOnlyList<Verdict> verdicts)
    {
        foreach (var verdict in verdicts) (await engine.WaitAsync(Caller.Local, verdict.Job!.Value, TimeSpan.FromSeconds(60), CancellationToken.None))!.State.ShouldBe(JobState.Succeeded);
    }

    // Work that is asked for goes on until whoever is asked has heard what the others measured.
    private static async Task ToldAsync(Engine front, Func<string, Call> call)
    {
        for (var round = 0; round < 20; round++)
        {
            var verdicts = await front.SubmitAsync([.. Enumerable.Range(0, 12).SelectMany(_ => new[] { call("brisk"), call("brisk") })], CancellationToken.None);
            var last = await front.FindAsync(Caller.Local, verdicts[^1].Job!.Value);
            await EndAsync(front, verdicts);
            if (last?.Estimate is not null && round > 0) return;
        }
        throw new TimeoutException("Nobody was told.");
    }

    [Fact]
    public async Task A_position_is_the_turn_in_which_a_job_is_begun()
    {
        var code = new Steering { Blocks = true };
        await using var node = await Node.StartAsync(
            "features: { one: { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: code, pool: { concurrency: 1 } } }", handlers => handlers.Add<Order, Order>("one", code.WorkAsync));
        await node.CallAsync("one");
        await code.BeginsAsync();

        var verdicts = await node.Engine.SubmitAsync([.. Enumerable.Range(0, 12).Select(i => node.Call("one", $$"""{"id":"{{i}}"}""") with { Priority = 9 - (i * 5 % 9) })], CancellationToken.None);
        var positions = new List<(int Position, string Id)>();
        foreach (var (verdict, i) in verdicts.Select((verdict, i) => (verdict, i)))
        {
            var job = (await node.Engine.FindAsync(Caller.Local, verdict.Job!.Value))!;
            (job.WaitingFor!.Code, job.State).ShouldBe(("pool-full", JobState.Queued));
            positions.Add((job.Position!.Value, $"{i}"));
            code.LetGo($"{i}");
        }
        code.LetGo("a");
        await EndAsync(node.Engine, verdicts);

        positions.Select(one => one.Position).Order().ShouldBe(Enumerable.Range(1, 12));
        code.Begun.Skip(1).ShouldBe(positions.OrderBy(one => one.Position).Select(one => one.Id));
    }

    [Fact]
    public async Task A_key_that_has_a_job_is_given_it_however_late_and_one_that_has_none_is_refused()
    {
        await using var node = await Node.StartAsync(Features, _ => { }, files: Files);
        Call Asked(string key, TimeSpan left) => node.Call("brisk", """{"n":"x"}""") with { IdempotencyKey = key, Deadline = DateTimeOffset.UtcNow + left };
        await EndAsync(node.Engine, await node.Engine.SubmitAsync([.. Enumerable.Range(0, 30).Select(_ => node.Call("brisk", """{"n":"x"}"""))], CancellationToken.None));
        var first = await node.AcceptedAsync(Asked("k", TimeSpan.FromMinutes(2)));
        await node.EndOfAsync(first.Id);

        var again = (await node.Engine.CallAsync(Asked("k", TimeSpan.FromMilliseconds(50)), CancellationToken.None)).ShouldBeOfType<Answer.Accepted>();
        var lines = await node.Engine.SubmitAsync([Asked("k", TimeSpan.FromMilliseconds(50)), Asked("new", TimeSpan.FromMilliseconds(50)), Asked("one", TimeSpan.FromMinutes(2)), Asked("one", TimeSpan.FromMilliseconds(50))], CancellationToken.None);

        (again.How, again.Job.Id).ShouldBe((Submission.Existing, first.Id));
        lines[0].ShouldBe(new Verdict(first.Id, Submission.Existing));
        lines[1].Refusal!.Code.ShouldBe("deadline-unreachable");
        lines[3].ShouldBe(lines[2] with { How = Submission.Existing });
    }

    [Fact]
    public async Task What_cannot_be_done_in_time_is_refused_at_once_where_that_was_measured()
    {
        await using var node = await Node.StartAsync(Features, _ => { }, files: Files);
        Call Asked(TimeSpan left) => node.Call("brisk", """{"n":"x"}""") with { Deadline = DateTimeOffset.UtcNow + left };

        // Nobody knows yet.
        (await node.Engine.CallAsync(Asked(TimeSpan.FromMilliseconds(5)), CancellationToken.None)).ShouldBeOfType<Answer.Accepted>();
        await EndAsync(node.Engine, await node.Engine.SubmitAsync([.. Enumerable.Range(0, 30).Select(_ => node.Call("brisk", """{"n":"x"}"""))], CancellationToken.None));
        var tooShort = (await node.Engine.CallAsync(Asked(TimeSpan.FromMilliseconds(10)), CancellationToken.None)).ShouldBeOfType<Answer.Refused>().Refusal;
        var backlog = await node.Engine.SubmitAsync([.. Enumerable.Range(0, 60).Select(_ => node.Call("brisk", """{"n":"x"}"""))], CancellationToken.None);
        var tooLate = (await node.Engine.CallAsync(Asked(TimeSpan.FromMilliseconds(600)), CancellationToken.None)).ShouldBeOfType<Answer.Refused>().Refusal;
        var first = await node.Engine.CallAsync(Asked(TimeSpan.FromMilliseconds(600)) with { Priority = 9 }, CancellationToken.None);
        var patient = await node.Engine.CallAsync(Asked(TimeSpan.FromMinutes(2)), CancellationToken.None);

        (tooShort.Kind, tooShort.Code, tooShort.RetryAfter).ShouldBe((RefusalKind.Unreachable, "deadline-unreachable", null));
        (tooLate.Kind, tooLate.Code).ShouldBe((RefusalKind.Unavailable, "deadline-unreachable"));
        tooLate.RetryAfter!.Value.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
        // Nobody is before it.
        first.ShouldBeOfType<Answer.Accepted>();
        (await node.EndOfAsync(patient.ShouldBeOfType<Answer.Accepted>().Job.Id)).State.ShouldBe(JobState.Succeeded);
        await EndAsync(node.Engine, backlog);
    }
}

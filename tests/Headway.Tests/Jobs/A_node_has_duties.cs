using System.Diagnostics;
using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;

namespace Headway.Tests.Jobs;

public sealed class A_node_has_duties : IAsyncDisposable
{
    private const string Features = """
        features:
          work:  { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }
          other: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }
          soon:  { contract: { mode: hybrid, caller: waits, wait: 1ms, deliverWithin: 1m }, handler: code }
          quick: { contract: { mode: sync, caller: waits }, handler: code, fallback: none }
          talk:  { contract: { mode: stream, caller: waits }, handler: code }
        """;

    private static readonly NodeDuty Api = NodeDuty.Parse("api", null);

    private readonly ManyNodes _nodes = new(Features);
    private readonly Steering _code = new();

    private Task<OneNode> StartAsync(NodeDuty duty) => _nodes.StartAsync(
        code =>
        {
            foreach (var feature in new[] { "work", "other", "soon", "quick" }) code.Add<Order, Order>(feature, _code.WorkAsync);
            code.Add<Order, string>("talk", _code.TokensAsync);
        }, duty);

    [Fact]
    public async Task One_that_takes_calls_only_accepts_while_nobody_works_and_the_first_worker_begins_within_a_second()
    {
        var front = await StartAsync(Api);
        var jobs = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => front.AcceptedAsync(i % 2 == 0 ? "work" : "soon")));
        _code.Begun.ShouldBeEmpty();
        var last = (await front.Engine.FindAsync(Caller.Local, jobs.Max(job => job.Id)))!;
        (last.State, last.WaitingFor!.Code).ShouldBe((JobState.Queued, "no-worker"));
        last.WaitingFor.Text.ShouldStartWith($"No node that is alive works for it: start one whose feature file has {last.Feature}@1; ");
        (await _nodes.NumberAsync("SELECT count(*) FROM queue WHERE state = 1")).ShouldBe(20);

        await StartAsync(NodeDuty.Parse("worker", null));
        var began = Stopwatch.StartNew();
        await _code.BeginsAsync();

        began.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(1));
        foreach (var job in jobs) (await front.EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task One_that_takes_calls_only_runs_those_whose_caller_is_there()
    {
        var front = await StartAsync(Api);

        (await front.CallAsync("quick")).ShouldBeOfType<Answer.Done>();
        var stream = (await front.CallAsync("talk")).ShouldBeOfType<Answer.Streaming>().Job;
        await foreach (var entry in front.EventsOf(stream.Id)) _ = entry;

        (await front.EndOfAsync(stream.Id)).State.ShouldBe(JobState.Succeeded);
    }

    [Theory]
    [InlineData("other")]
    [InlineData("other@1")]
    public async Task One_of_a_pool_claims_nothing_of_another(string pool)
    {
        var some = await StartAsync(NodeDuty.Parse(null, pool));

        var left = await some.AcceptedAsync("work", """{"id":"left"}""");
        var hybrid = await some.AcceptedAsync("soon", """{"id":"hybrid"}""");
        var done = await some.AcceptedAsync("other", """{"id":"done"}""");
        (await some.EndOfAsync(done.Id)).State.ShouldBe(JobState.Succeeded);

        _code.Begun.ShouldBe(["done"]);
        await StartAsync(NodeDuty.Both);
        (await some.EndOfAsync(left.Id)).State.ShouldBe(JobState.Succeeded);
        (await some.EndOfAsync(hybrid.Id)).State.ShouldBe(JobState.Succeeded);
    }

    [Theory]
    [InlineData("waiter", null, "'waiter' is no duty of a node. Say api, worker, or api,worker.")]
    [InlineData("api", "work", "Pools are for a node that works: give it the duty worker, too, or name no pools.")]
    public void A_word_that_is_none_is_refused(string duty, string? pools, string why) =>
        Should.Throw<FormatException>(() => NodeDuty.Parse(duty, pools)).Message.ShouldBe(why);

    [Theory]
    [InlineData(null, null, true, true)]
    [InlineData("api,worker", null, true, true)]
    [InlineData(" worker ", "work, other@1", false, true)]
    [InlineData("api", null, true, false)]
    public void Words_are_read(string? duty, string? pools, bool api, bool worker)
    {
        var read = NodeDuty.Parse(duty, pools);

        (read.Api, read.Worker).ShouldBe((api, worker));
        read.Pools.ShouldBe(pools is null ? [] : ["work", "other@1"]);
    }

    [Fact]
    public async Task A_pool_that_the_file_does_not_have_keeps_the_node_from_starting() =>
        (await Should.ThrowAsync<StartupException>(() => StartAsync(NodeDuty.Parse(null, "wrok")))).Message.ShouldContain("There is no pool 'wrok': ");

    [Fact]
    public async Task The_one_node_of_a_file_has_both()
    {
        var folder = Directory.CreateTempSubdirectory("headway-").FullName;
        var file = Path.Combine(folder, "headway.yaml");
        await File.WriteAllTextAsync(file, "features: { }", TestContext.Current.CancellationToken);

        var refused = await Should.ThrowAsync<StartupException>(() => Engine.StartAsync(new EngineOptions { File = file, Duty = Api, Environment = _ => null }, CancellationToken.None));

        refused.Message.ShouldContain("give the nodes a PostgreSQL database");
        Directory.Delete(folder, recursive: true);
    }

    public ValueTask DisposeAsync() => _nodes.DisposeAsync();
}

using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Tests.Jobs;

namespace Headway.Tests.Caching;

public sealed class Identical_calls_share_one_answer
{
    private const string Features = """
        features:
          ask: { contract: { mode: sync, caller: waits }, handler: code, timeout: 20s, pool: { concurrency: 2, queue: 2 }, cache: { for: 10m } }
        """;

    private readonly Steering _code = new() { Blocks = true };

    private Task<Node> StartAsync() => Node.StartAsync(Features, code => code.Add<Order, Order>("ask", _code.WorkAsync));

    [Fact]
    public async Task A_hundred_at_once_are_one_piece_of_work_and_a_hundred_records()
    {
        await using var node = await StartAsync();
        var calls = Enumerable.Range(0, 100).Select(_ => node.CallAsync("ask")).ToList();
        await _code.BeginsAsync();
        _code.LetGo("a");

        var answers = await Task.WhenAll(calls);

        answers.ShouldAllBe(answer => answer is Answer.Done);
        _code.Begun.Count.ShouldBe(1);
        answers.Cast<Answer.Done>().Select(done => done.Job.Id).Distinct().Count().ShouldBe(100);
        (await node.Engine.ListAsync(Caller.Local, new JobFilter { Limit = 200 })).Jobs.Count.ShouldBe(100);
    }

    [Fact]
    public async Task When_it_fails_the_next_one_asks_itself_and_the_others_wait_for_that()
    {
        _code.Failures = 1;
        await using var node = await StartAsync();
        var calls = Enumerable.Range(0, 10).Select(_ => node.CallAsync("ask")).ToList();
        await _code.BeginsAsync();
        _code.LetGo("a");

        var answers = await Task.WhenAll(calls);

        answers.OfType<Answer.Failed>().Count().ShouldBe(1);
        answers.OfType<Answer.Done>().Count().ShouldBe(9);
        _code.Begun.Count.ShouldBe(2);
    }

    [Fact]
    public async Task It_goes_on_while_anybody_waits_and_stops_with_the_last()
    {
        await using var node = await StartAsync();
        using var first = new CancellationTokenSource();
        using var second = new CancellationTokenSource();
        var leader = node.CallAsync("ask", callerLeft: first.Token);
        await _code.BeginsAsync();
        var (follower, leaving) = (node.CallAsync("ask"), node.CallAsync("ask", callerLeft: second.Token));
        await first.CancelAsync();
        await second.CancelAsync();
        (await leaving).ShouldBeOfType<Answer.Abandoned>();
        follower.IsCompleted.ShouldBeFalse();
        _code.LetGo("a");
        (await follower).ShouldBeOfType<Answer.Done>().Cache!.Value.Kind.ShouldBe(CacheUseKind.Joined);
        (await leader).ShouldBeOfType<Answer.Done>();
        _code.Begun.Count.ShouldBe(1);
    }

    [Fact]
    public async Task It_stops_when_all_have_left()
    {
        await using var node = await StartAsync();
        using var left = new CancellationTokenSource();
        var leader = node.CallAsync("ask", callerLeft: left.Token);
        await _code.BeginsAsync();
        var follower = node.CallAsync("ask", callerLeft: left.Token);
        await left.CancelAsync();

        (await leader).ShouldBeOfType<Answer.Abandoned>();
        (await follower).ShouldBeOfType<Answer.Abandoned>();
        var jobs = (await node.Engine.ListAsync(Caller.Local, new JobFilter())).Jobs;
        jobs.Select(job => job.State).ShouldBe([JobState.Cancelled, JobState.Cancelled]);
        foreach (var job in jobs) (await node.AuditOfAsync(job.Id)).ShouldBe(["abandoned"]);
    }
}

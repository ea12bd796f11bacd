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

    private Task<Node> StartAsync(TimeProvider? time = null) => Node.StartAsync(Features, code => code.Add<Order, Order>("ask", _code.WorkAsync), time);

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

    [Fact]
    public async Task Who_leaves_is_recorded_and_the_others_are_not_disturbed()
    {
        await using var node = await StartAsync();
        using var left = new CancellationTokenSource();
        var leader = node.CallAsync("ask");
        await _code.BeginsAsync();
        var leaving = node.CallAsync("ask", callerLeft: left.Token);
        await left.CancelAsync();
        (await leaving).ShouldBeOfType<Answer.Abandoned>();
        _code.LetGo("a");

        var done = (await leader).ShouldBeOfType<Answer.Done>();
        var record = (await node.Engine.ListAsync(Caller.Local, new JobFilter())).Jobs.Single(job => job.Id != done.Job.Id);
        (record.State, record.Error!.Code, record.Attempt).ShouldBe((JobState.Cancelled, "abandoned", 0));
        (await node.AuditOfAsync(record.Id)).ShouldBe(["abandoned"]);
    }

    [Fact]
    public async Task Who_waits_ends_at_its_own_deadline()
    {
        var time = new ManualTime();
        await using var node = await StartAsync(time);
        var leader = node.CallAsync("ask");
        await _code.BeginsAsync();
        var follower = node.Engine.CallAsync(node.Call("ask") with { Deadline = time.GetUtcNow().AddSeconds(5) }, CancellationToken.None);
        time.Advance(TimeSpan.FromSeconds(4));
        follower.IsCompleted.ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(1));

        var failed = (await follower).ShouldBeOfType<Answer.Failed>();
        failed.Failure.Code.ShouldBe("timeout");
        (await node.Engine.FindAsync(Caller.Local, failed.Job.Id))!.State.ShouldBe(JobState.Failed);
        _code.LetGo("a");
        (await leader).ShouldBeOfType<Answer.Done>();
    }

    [Fact]
    public async Task Who_waits_ends_at_its_own_timeout_though_the_one_who_asks_began_later()
    {
        var time = new ManualTime();
        await using var node = await StartAsync(time);
        var others = new[] { node.CallAsync("ask", """{"id":"b"}"""), node.CallAsync("ask", """{"id":"c"}""") };
        foreach (var _ in others) await _code.BeginsAsync();
        // The pool is full: the one who asks waits for a slot, and has its whole timeout from then on.
        var leader = node.CallAsync("ask");
        var follower = node.CallAsync("ask");
        time.Advance(TimeSpan.FromSeconds(10));
        _code.LetGo("b");
        (await _code.BeginsAsync()).ShouldBe("a");
        time.Advance(TimeSpan.FromSeconds(10));

        (await follower).ShouldBeOfType<Answer.Failed>().Failure.Code.ShouldBe("timeout");
        leader.IsCompleted.ShouldBeFalse();
        _code.LetGo("a");
        (await leader).ShouldBeOfType<Answer.Done>();
        await Task.WhenAll(others);
    }
}

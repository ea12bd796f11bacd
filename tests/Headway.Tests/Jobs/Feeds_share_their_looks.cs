using Headway.Access;
using Headway.Jobs;
using Headway.Jobs.Running;
using Headway.Tests.Storage;
using Headway.Upstream;

namespace Headway.Tests.Jobs;

/// <summary>However many follow, one event is one reading for all of them.</summary>
public sealed class Feeds_share_their_looks : IAsyncDisposable
{
    private const string Features = """
        features:
          work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }
          rest: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code }
        """;

    private readonly CancellationTokenSource _over = new(TimeSpan.FromSeconds(60));
    private Node _node = null!;

    private async Task StartAsync() => _node = await Node.StartAsync(Features, code =>
    {
        foreach (var feature in new[] { "work", "rest" }) code.Add<Order, Order>(feature, (order, _, _) => Task.FromResult(order));
    });

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        await _node.DisposeAsync();
        _over.Dispose();
    }

    [Fact]
    public async Task Two_hundred_readers_of_one_event_cost_few_readings_of_the_database()
    {
        const int many = 200;
        await StartAsync();
        var readers = Enumerable.Range(0, many).Select(i => EndOfNextAsync(i % 2 == 0 ? new JobFilter { Feature = "work" } : new JobFilter { Subject = "encounter/1" })).ToList();
        await _node.EndOfAsync((await _node.AcceptedAsync(_node.Call("rest"))).Id);
        var before = _node.Engine.Looks.Looks;

        var job = (await _node.AcceptedAsync(_node.Call("work") with { Subject = "encounter/1" })).Id;
        var seen = await Task.WhenAll(readers);

        seen.ShouldAllBe(id => id == job);
        (_node.Engine.Looks.Looks - before).ShouldBeLessThan(many / 2, "alone each of them would have looked at least twice");
    }

    [Fact]
    public async Task One_that_follows_a_feature_or_a_subject_is_told_of_no_other()
    {
        await StartAsync();
        var (work, subject) = (EndOfNextAsync(new JobFilter { Feature = "work" }), EndOfNextAsync(new JobFilter { Subject = "encounter/2" }));

        await _node.EndOfAsync((await _node.AcceptedAsync(_node.Call("rest") with { Subject = "encounter/1" })).Id);
        var rest = (await _node.AcceptedAsync(_node.Call("rest") with { Subject = "encounter/2" })).Id;
        var mine = (await _node.AcceptedAsync(_node.Call("work"))).Id;

        (await work).ShouldBe(mine);
        (await subject).ShouldBe(rest);
    }

    [Fact]
    public async Task What_is_accepted_between_the_call_and_the_first_reading_is_told()
    {
        await StartAsync();
        var feed = _node.Engine.Feed(Caller.Local, new JobFilter { Feature = "work" }, null, _over.Token);
        var job = (await _node.AcceptedAsync(_node.Call("work"))).Id;
        await Until.IsSoAsync(() => _node.Engine.Database.Now > job.Created);

        (await EndOfNextAsync(feed)).ShouldBe(job);
    }

    [Fact]
    public async Task A_row_that_cannot_be_opened_ends_nobodys_feed()
    {
        await StartAsync();
        var work = EndOfNextAsync(new JobFilter { Feature = "work" });
        var bad = (await _node.AcceptedAsync(_node.Call("rest") with { Subject = "encounter/1", StartAt = DateTimeOffset.UtcNow.AddHours(1) })).Id;
        await _node.Engine.Database.WriteAsync(new Change($"UPDATE jobs SET about = {TestDatabase.Bytes([1, 2, 3])} WHERE id = {TestDatabase.Id(bad)}"));

        var mine = (await _node.AcceptedAsync(_node.Call("work"))).Id;

        (await work).ShouldBe(mine);
    }

    private Task<JobId> EndOfNextAsync(JobFilter what) => EndOfNextAsync(_node.Engine.Feed(Caller.Local, what, 0, _over.Token));

    private static Task<JobId> EndOfNextAsync(IAsyncEnumerable<FeedEvent> feed) => Task.Run(async () =>
    {
        await foreach (var told in feed)
        {
            if (told.Job is { IsFinished: true } job) return job.Id;
        }
        throw new InvalidOperationException("The feed ended.");
    });
}

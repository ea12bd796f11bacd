using Headway.Handlers.Code;
using Headway.Jobs.Accepting;
using Headway.Jobs.Upkeep;
using Headway.Tests.Jobs;

namespace Headway.Tests.Reconciliation;

/// <summary>Two nodes on one PostgreSQL database: all records are walked once an hour, by one of them, and by the other when that one is lost.</summary>
public sealed class One_node_walks_for_all : IAsyncDisposable
{
    private readonly ManyNodes _nodes = new("features: { work: { contract: { mode: async, caller: leaves, deliverWithin: 1h }, handler: code } }");

    [Fact]
    public async Task Once_an_hour_in_all()
    {
        var (one, other) = (await _nodes.StartAsync(Code), await _nodes.StartAsync(Code));
        await LoseAsync(one);
        await ForceAsync(one, "UPDATE walks SET next = 0");
        await RunAsync(one);
        (await GapsAsync()).ShouldBe(1, "the first walk");
        await LoseAsync(one);

        await RunAsync(other);
        await RunAsync(one);
        (await GapsAsync()).ShouldBe(1, "the hour is not over");

        await ForceAsync(one, "UPDATE walks SET next = 0");
        await RunAsync(other);
        (await GapsAsync()).ShouldBe(2);
    }

    [Fact]
    public async Task When_the_node_that_walks_is_lost_another_goes_on_where_it_was()
    {
        var (one, other) = (await _nodes.StartAsync(Code), await _nodes.StartAsync(Code));
        await ForceAsync(one, "UPDATE walks SET next = 9000000000000000");
        var walked = await LoseAsync(one);
        await LoseAsync(one);
        // As it is when a node has come so far with a long walk.
        await ForceAsync(one, $"UPDATE walks SET next = 0, holder = 4711, until = {one.Engine.Database.Now + 600_000}, after = '{walked.Value}'");

        await RunAsync(other);
        (await GapsAsync()).ShouldBe(0, "it is another's turn");

        await ForceAsync(one, "UPDATE walks SET until = 1");
        await RunAsync(other);
        (await GapsAsync()).ShouldBe(1, "what was walked already is not walked again");
        (await _nodes.NumberAsync("SELECT count(*) FROM walks WHERE holder IS NULL AND next > 0")).ShouldBe(1);
    }

    private static void Code(CodeHandlers code) => code.Add<Order, Order>("work", (order, _, _) => Task.FromResult(order));

    /// <summary>A job under way that has lost its place, which only the walk finds.</summary>
    private static async Task<JobId> LoseAsync(OneNode node)
    {
        var job = (await node.Engine.CallAsync(node.Call("work") with { StartAt = TimeProvider.System.GetUtcNow().AddHours(1) }, CancellationToken.None)).ShouldBeOfType<Answer.Accepted>().Job.Id;
        await ForceAsync(node, $"DELETE FROM queue WHERE job = '{job.Value}'::uuid; UPDATE jobs SET created = created - 600000 WHERE id = '{job.Value}'::uuid");
        return job;
    }

    private static Task<DutyReport> RunAsync(OneNode node) => node.Engine.Oversight.Reconciler.RunOnceAsync(node.Engine.Database.Time.GetUtcNow(), CancellationToken.None);

    private static Task<bool> ForceAsync(OneNode node, string sql) => node.Engine.Database.WriteAsync(new Change(sql));

    private Task<long> GapsAsync() => _nodes.NumberAsync("SELECT count(*) FROM gaps WHERE kind = 'misplaced'");

    public ValueTask DisposeAsync() => _nodes.DisposeAsync();
}

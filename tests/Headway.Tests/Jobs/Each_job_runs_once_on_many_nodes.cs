using System.Collections.Concurrent;
using Headway.Access;
using Headway.Handlers.Code;
using Headway.Jobs;

namespace Headway.Tests.Jobs;

/// <summary>Three nodes on one PostgreSQL database claim from the same queue.</summary>
public sealed class Each_job_runs_once_on_many_nodes : IAsyncDisposable
{
    private const string Features = """
        features:
          work: { contract: { mode: async, caller: leaves, deliverWithin: 5m }, handler: code, pool: { concurrency: 20, queued: 10000 }, retry: { attempts: 1 } }
        """;

    private readonly ManyNodes _nodes = new(Features);
    private readonly ConcurrentQueue<(int Node, string Id)> _ran = new();

    private Action<CodeHandlers> Code(int node) => code => code.Add<Order, Order>("work", (order, _, _) =>
    {
        _ran.Enqueue((node, order.Id));
        return Task.FromResult(order);
    });

    [Fact]
    public async Task However_many_there_are()
    {
        const int count = 2_000;
        var nodes = new[] { await _nodes.StartAsync(Code(0)), await _nodes.StartAsync(Code(1)), await _nodes.StartAsync(Code(2)) };

        var jobs = await Task.WhenAll(Enumerable.Range(0, count).Select(i => nodes[i % 3].AcceptedAsync("work", $$"""{"id":"{{i}}"}""")));
        foreach (var job in jobs) (await nodes[0].EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);

        _ran.Select(ran => int.Parse(ran.Id)).Order().ShouldBe(Enumerable.Range(0, count));
        foreach (var ran in _ran.GroupBy(ran => ran.Node)) ran.Count().ShouldBeGreaterThan(count / 20);
        _ran.Select(ran => ran.Node).Distinct().Count().ShouldBe(3);
        (await _nodes.NumberAsync("SELECT count(*) FROM queue")).ShouldBe(0);
        (await _nodes.NumberAsync("SELECT count(*) FROM attempts")).ShouldBe(0);
    }

    [Fact]
    public async Task Also_while_one_of_them_leaves_and_another_dies()
    {
        const int count = 600;
        var lease = TimeSpan.FromSeconds(3);
        var nodes = new[] { await _nodes.StartAsync(Code(0), lease: lease), await _nodes.StartAsync(Code(1), lease: lease), await _nodes.StartAsync(Code(2), lease: lease) };
        var jobs = await Task.WhenAll(Enumerable.Range(0, count).Select(i => nodes[0].AcceptedAsync("work", $$"""{"id":"{{i}}"}""")));

        nodes[1].Die();
        await nodes[2].DisposeAsync();
        foreach (var job in jobs) (await nodes[0].EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);

        // What the dead node ran it could not tell of; nothing else ran twice, and each has one end.
        _ran.Where(ran => ran.Node != 1).Select(ran => ran.Id).GroupBy(id => id).ShouldAllBe(ran => ran.Count() == 1);
        _ran.Select(ran => ran.Id).Distinct().Count().ShouldBe(count);
        (await CountAsync(nodes[0], JobState.Succeeded)).ShouldBe(count);
    }

    private static async Task<int> CountAsync(OneNode node, JobState state)
    {
        var (count, page) = (0, await node.Engine.ListAsync(Caller.Local, new JobFilter { State = state, Limit = 200 }));
        while (true)
        {
            count += page.Jobs.Count;
            if (page.Next is null) return count;
            page = await node.Engine.ListAsync(Caller.Local, new JobFilter { State = state, Limit = 200, After = page.Next });
        }
    }

    public ValueTask DisposeAsync() => _nodes.DisposeAsync();
}

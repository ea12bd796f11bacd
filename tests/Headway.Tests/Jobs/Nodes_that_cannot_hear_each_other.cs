using Headway.Access;
using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Jobs.Running;
using Headway.Tests.Storage;

namespace Headway.Tests.Jobs;

/// <summary>Two nodes behind a pooler that swallows what they announce: they ask instead.</summary>
public sealed class Nodes_that_cannot_hear_each_other : IAsyncLifetime
{
    private const string Features = """
        features:
          work: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, retry: { attempts: 1 } }
        """;

    private readonly ManyNodes _nodes = new(Features);
    private readonly SwallowingPooler _pooler = new(PostgresCluster.Shared.Port);
    private readonly Steering _code = new() { Blocks = true };
    private OneNode _front = null!;
    private OneNode _worker = null!;

    public async ValueTask InitializeAsync()
    {
        var address = _pooler.Before(_nodes.Address);
        _front = await _nodes.StartAsync(Code, new NodeDuty { Worker = false }, address: address);
        _worker = await _nodes.StartAsync(Code, lease: TimeSpan.FromSeconds(3), address: address);
    }

    private void Code(CodeHandlers code) => code.Add<Order, Order>("work", _code.WorkAsync);

    [Fact]
    public async Task Say_so_and_do_their_work_all_the_same()
    {
        await _front.Log.UntilAsync("Announcements of other nodes are not heard");
        await _worker.Log.UntilAsync("Announcements of other nodes are not heard");

        var job = await _front.AcceptedAsync("work");
        await _code.BeginsAsync();
        _code.LetGo("a");

        (await _front.EndOfAsync(job.Id)).State.ShouldBe(JobState.Succeeded);
    }

    [Fact]
    public async Task Stop_what_another_has_cancelled_at_the_next_beat_of_their_lease()
    {
        var job = await _front.AcceptedAsync("work");
        await _code.BeginsAsync();

        await _front.Engine.CancelAsync(Caller.Local, job.Id, CancellationToken.None);

        (await _code.StopsAsync()).ShouldBe("a");
    }

    public async ValueTask DisposeAsync()
    {
        await _nodes.DisposeAsync();
        _pooler.Dispose();
    }
}

using Headway.Features;
using Headway.Handlers.Code;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Tests.Jobs;

namespace Headway.Tests.Features;

/// <summary>A reload as its callers see it: on a real engine, in the middle of their calls.</summary>
public sealed class ReloadTests : IDisposable
{
    private const string Before = """
        features:
          slow:  { contract: { mode: sync, caller: waits, acceptableWait: 20s }, handler: code, fallback: none, summary: before }
          later: { contract: { mode: async, caller: leaves, deliverWithin: 1m }, handler: code, summary: before }

        """;

    private readonly TaskCompletionSource _go = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _started = new(0);

    public void Dispose() => _started.Dispose();

    [Fact]
    public async Task Calls_under_way_end_as_they_began_and_new_ones_follow_the_new_file()
    {
        await using var node = await Node.StartAsync(Before, Code);
        var sync = node.CallAsync("slow");
        var queued = await node.AcceptedAsync(node.Call("later"));
        await _started.WaitAsync();
        await _started.WaitAsync();

        var reload = await ReloadAsync(node, "features:\n  later: { contract: { mode: hybrid, wait: 5s, caller: waits, deliverWithin: 1m }, handler: code, summary: after }\n");

        reload.Taken.ShouldBeTrue();
        node.Engine.Features.Features.Keys.ShouldBe(["later"]);
        _go.SetResult();
        (await sync).ShouldBeOfType<Answer.Done>();
        (await node.EndOfAsync(queued.Id)).State.ShouldBe(JobState.Succeeded);
        (await node.EndOfAsync(queued.Id)).Mode.ShouldBe(Mode.Async);
        (await node.CallAsync("later")).ShouldBeOfType<Answer.Done>().Job.Mode.ShouldBe(Mode.Hybrid);
    }

    [Fact]
    public async Task A_bad_file_is_refused_and_the_old_one_goes_on_serving()
    {
        await using var node = await Node.StartAsync(Before, Code);
        _go.SetResult();

        var reload = await ReloadAsync(node, "features:\n  slow: { contract: { mode: snyc }, handler: code }\n");

        reload.Taken.ShouldBeFalse();
        reload.Findings.ShouldHaveSingleItem().Message.ShouldContain("did you mean 'sync'?");
        (await node.CallAsync("slow")).ShouldBeOfType<Answer.Done>();
    }

    private void Code(CodeHandlers code)
    {
        foreach (var feature in new[] { "slow", "later" })
        {
            code.Add<object, string>(feature, async (_, _, stop) =>
            {
                _started.Release();
                await _go.Task.WaitAsync(stop);
                return "done";
            });
        }
    }

    private static async Task<Reload> ReloadAsync(Node node, string yaml)
    {
        var told = new TaskCompletionSource<Reload>(TaskCreationOptions.RunContinuationsAsynchronously);
        node.Engine.Catalog.Reloaded += reload => told.TrySetResult(reload);
        await File.WriteAllTextAsync(node.Engine.Features.Path, yaml);
        return await told.Task.WaitAsync(TimeSpan.FromSeconds(20));
    }
}

using Headway.Features;
using Headway.Jobs.Running;

namespace Headway.Tests.Jobs;

public sealed class PoolTests
{
    private readonly ManualTime _time = new();
    private readonly Pool _pool = new("work@1", Of(1));

    private static PoolOptions Of(int concurrency) => new() { Concurrency = concurrency, Queue = 10 };

    private Task<bool> EnterAsync(CancellationToken callerLeft = default) => _pool.EnterAsync(TimeSpan.FromHours(1), _time, callerLeft).AsTask();

    [Fact]
    public async Task A_pool_that_grows_lets_in_those_who_wait_in_their_order()
    {
        (await EnterAsync()).ShouldBeTrue();
        var waiting = Enumerable.Range(0, 4).Select(_ => EnterAsync()).ToList();

        _pool.Resize(Of(3));

        (await Task.WhenAll(waiting.Take(2))).ShouldBe([true, true]);
        waiting.Skip(2).ShouldAllBe(caller => !caller.IsCompleted);
        _pool.Taken.ShouldBe(3);
        _pool.Leave();
        (await waiting[2]).ShouldBeTrue();
        waiting[3].IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_pool_that_grows_past_all_who_wait_tells_that_there_is_room()
    {
        var told = 0;
        _pool.Freed = () => told++;
        (await EnterAsync()).ShouldBeTrue();
        var waiting = EnterAsync();

        _pool.Resize(Of(3));

        (await waiting).ShouldBeTrue();
        told.ShouldBe(1);
        _pool.EnterMany(10).ShouldBe(1);
    }

    [Fact]
    public async Task A_pool_that_shrinks_lets_nobody_in_before_it_has_room()
    {
        _pool.Resize(Of(3));
        for (var n = 0; n < 3; n++) (await EnterAsync()).ShouldBeTrue();
        var waiting = EnterAsync();

        _pool.Resize(Of(1));
        _pool.Leave();
        _pool.Leave();
        waiting.IsCompleted.ShouldBeFalse();
        _pool.Leave();

        (await waiting).ShouldBeTrue();
        _pool.Taken.ShouldBe(1);
    }

    [Fact]
    public async Task Growing_while_callers_give_up_loses_no_slot()
    {
        for (var round = 0; round < 500; round++)
        {
            var pool = new Pool("work@1", Of(1));
            await pool.EnterAsync(TimeSpan.FromHours(1), _time, CancellationToken.None);
            using var patience = new CancellationTokenSource();
            var waiting = Enumerable.Range(0, 3).Select(_ => pool.EnterAsync(TimeSpan.FromHours(1), _time, patience.Token).AsTask()).ToList();

            await Task.WhenAll(Task.Run(() => pool.Resize(Of(3))), Task.Run(patience.Cancel));
            var entered = 0;
            foreach (var caller in waiting)
            {
                await Task.WhenAny(caller);
                if (caller.IsCompletedSuccessfully) entered++;
            }

            pool.Taken.ShouldBe(1 + entered, $"round {round}");
        }
    }
}

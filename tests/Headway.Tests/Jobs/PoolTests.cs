using Headway.Features;
using Headway.Jobs.Running;

namespace Headway.Tests.Jobs;

public sealed class PoolTests
{
    private readonly ManualTime _time = new();
    private readonly Pool _pool = new("work@1", Of(1));

    private static PoolOptions Of(int concurrency) => new() { Concurrency = concurrency, Queue = 10 };

    /// <summary>A queue of 40 before 4 slots, whose work takes 2 s in the mean and now and then much more. Callers come half as often as it is worked off, and every other minute a hundred at once.</summary>
    [Fact]
    public void Whoever_comes_again_when_told_is_taken_in_most_cases()
    {
        const int Slots = 4, Room = 40;
        var (random, pool, events) = (new Random(7), new Pool("work@1", Of(Slots)), new PriorityQueue<(string What, double Took), double>());
        var (queued, first, returned, taken) = (0, 0, 0, 0);
        double Drawn(double mean) => -mean * Math.Log(1 - random.NextDouble());
        void Begin(double now)
        {
            while (queued > 0 && pool.TryEnter())
            {
                queued--;
                var took = Drawn(2);
                events.Enqueue(("ends", took), now + took);
            }
        }
        for (var at = 0.0; at < 1_800; at += Drawn(1)) events.Enqueue(("comes", 0), at);
        for (var at = 60; at < 1_800; at += 120) for (var n = 0; n < 100; n++) events.Enqueue(("comes", 0), at);
        while (events.TryDequeue(out var one, out var now))
        {
            if (one.What is "ends") pool.Leave(TimeSpan.FromSeconds(one.Took));
            else if (queued < Room)
            {
                queued++;
                if (one.What is "returns") taken++;
            }
            else if (one.What is "comes" && pool.Pace is { } pace)
            {
                first++;
                var wait = pool.Appointment((long)(now * 1_000), pace / Slots);
                wait.ShouldBeInRange(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5));
                // As the header tells it.
                events.Enqueue(("returns", 0), now + Math.Ceiling(wait.TotalSeconds));
            }
            if (one.What is "returns") returned++;
            Begin(now);
        }

        first.ShouldBeGreaterThan(100);
        returned.ShouldBe(first);
        ((double)taken / returned).ShouldBeGreaterThan(0.8);
    }

    [Fact]
    public void Those_who_are_turned_away_together_are_told_one_time_after_the_other()
    {
        var told = Enumerable.Range(0, 400).Select(_ => _pool.Appointment(0, TimeSpan.FromSeconds(2)).TotalSeconds).ToList();

        told.Take(3).ShouldBe([4, 8, 12]);
        told[^1].ShouldBe(300);
        // Those times have passed: nobody is before the next.
        _pool.Appointment(3_600_000, TimeSpan.FromSeconds(2)).TotalSeconds.ShouldBe(4);
        _pool.Appointment(7_200_000, TimeSpan.FromMilliseconds(5)).TotalSeconds.ShouldBe(1);
    }

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

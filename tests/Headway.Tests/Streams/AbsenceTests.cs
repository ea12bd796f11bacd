using Headway.Streams;

namespace Headway.Tests.Streams;

/// <summary>A stream is abandoned when, and only when, nobody has watched it for as long as the contract says.</summary>
public sealed class AbsenceTests
{
    private static readonly TimeSpan First = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Again = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan Instant = TimeSpan.FromTicks(1);

    private readonly ManualTime _time = new();
    private readonly LiveOutputs _outputs = new();
    private readonly JobId _job = JobId.New(DateTimeOffset.UnixEpoch);
    private int _abandoned;

    private bool IsAbandoned => Volatile.Read(ref _abandoned) > 0;

    private LiveOutput Begin()
    {
        var live = _outputs.Open(_job);
        live.ExpectReaders(First, Again, _time, () => Interlocked.Increment(ref _abandoned));
        return live;
    }

    [Fact]
    public void It_is_abandoned_when_no_reader_ever_came()
    {
        Begin();
        _time.Advance(First - Instant);
        IsAbandoned.ShouldBeFalse();

        _time.Advance(Instant);

        _abandoned.ShouldBe(1);
    }

    [Fact]
    public void It_is_abandoned_when_its_last_reader_has_been_gone_for_long()
    {
        Begin();
        using (_outputs.Watch(_job))
        {
            using (_outputs.Watch(_job)) _time.Advance(First * 2);
            _time.Advance(First * 2);
        }
        _time.Advance(Again - Instant);
        IsAbandoned.ShouldBeFalse();

        _time.Advance(Instant);

        _abandoned.ShouldBe(1);
    }

    [Fact]
    public void Each_absence_is_measured_from_its_own_beginning()
    {
        Begin();
        for (var n = 0; n < 5; n++)
        {
            using (_outputs.Watch(_job)) _time.Advance(Instant);
            _time.Advance(Again - Instant);
        }

        IsAbandoned.ShouldBeFalse();
    }

    [Fact]
    public void A_clock_that_strikes_late_for_an_absence_that_is_over_strikes_for_nobody()
    {
        var late = new LateTime();
        var live = _outputs.Open(_job);
        live.ExpectReaders(First, Again, late, () => _abandoned++);
        _outputs.Watch(_job).Dispose();
        var stale = late.Clocks[0];

        stale();
        _abandoned.ShouldBe(0, "the absence before the first reader is over, another has only just begun");
        late.Clocks[1]();
        late.Clocks[1]();

        _abandoned.ShouldBe(1);
    }

    [Fact]
    public void Once_the_work_has_ended_nobody_is_missed()
    {
        var live = Begin();
        live.ExpectNobody();
        _outputs.Watch(_job).Dispose();
        _time.Advance(First * 2);

        IsAbandoned.ShouldBeFalse();
        _time.Timers.ShouldBe(0);
    }

    [Fact]
    public async Task However_readers_and_clock_meet_who_watches_is_never_taken_for_absent_and_who_is_gone_always_is()
    {
        for (var round = 0; round < 2_000; round++)
        {
            _abandoned = 0;
            var live = _outputs.Open(_job);
            live.ExpectReaders(Again, Again, _time, () => Interlocked.Increment(ref _abandoned));
            using var start = new Barrier(4);

            var readers = Enumerable.Range(0, 3).Select(reader => Task.Run(() => ReadNowAndThen(start, stays: reader == 0 && round % 2 == 0))).ToList();
            start.SignalAndWait(TestContext.Current.CancellationToken);
            for (var n = 0; n < 4; n++) _time.Advance(Again);
            var staying = (await Task.WhenAll(readers)).OfType<OutputWatch>().ToList();

            if (staying.Count > 0)
            {
                var before = _abandoned;
                _time.Advance(First);
                _abandoned.ShouldBe(before, $"round {round}: a reader watched all the time");
                staying[0].Dispose();
            }
            _time.Advance(Again);
            _abandoned.ShouldBe(1, $"round {round}: nobody has watched for long");
            live.ExpectNobody();
            live.Release();
        }
    }

    // What a reader may rely on: not abandoned when it has its watch, not abandoned for as long as it keeps it.
    private OutputWatch? ReadNowAndThen(Barrier start, bool stays)
    {
        start.SignalAndWait();
        for (var n = 0; n < 6; n++)
        {
            var watch = _outputs.Watch(_job);
            var came = IsAbandoned;
            Thread.Yield();
            IsAbandoned.ShouldBe(came, "it was abandoned under a reader who watched");
            if (stays && n == 5) return watch;
            watch.Dispose();
        }
        return null;
    }

    /// <summary>Clocks that strike when the test says so, even after they were stopped: a real one may be on its way already.</summary>
    private sealed class LateTime : TimeProvider
    {
        public List<Action> Clocks { get; } = [];

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Clocks.Add(() => callback(state));
            return System.CreateTimer(static _ => { }, null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }
}

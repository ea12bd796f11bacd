namespace Headway.Testing;

/// <summary>A clock that stands still until it is moved, and then is there at once: what became due on the way fires once, in its order.</summary>
internal sealed class VirtualTime(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _gate = new();
    private readonly List<VirtualTimer> _timers = [];
    private DateTimeOffset _now = start;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate) return _now;
    }

    public override long GetTimestamp() => GetUtcNow().Ticks;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new VirtualTimer(this, callback, state);
        lock (_gate) _timers.Add(timer);
        timer.Change(dueTime, period);
        return timer;
    }

    /// <summary>When the next timer fires; null: none is set.</summary>
    /// <param name="within">Only those that are due so soon; null: however late.</param>
    public DateTimeOffset? NextDue(TimeSpan? within = null)
    {
        lock (_gate) return _timers.Where(timer => within is null || timer.Due <= _now + within).Min(timer => timer.Due);
    }

    public void MoveTo(DateTimeOffset time)
    {
        List<VirtualTimer> due;
        lock (_gate)
        {
            if (time > _now) _now = time;
            due = [.. _timers.Where(timer => timer.Due <= _now).OrderBy(timer => timer.Due)];
        }
        foreach (var timer in due) timer.FireIfDue();
    }

    private sealed class VirtualTimer(VirtualTime time, TimerCallback callback, object? state) : ITimer
    {
        public DateTimeOffset? Due { get; private set; }

        private TimeSpan _period;

        public void FireIfDue()
        {
            lock (time._gate)
            {
                // One that fired before it may have moved it, or taken it away.
                if (!(Due <= time._now)) return;
                Due = _period > TimeSpan.Zero ? time._now + _period : null;
            }
            callback(state);
        }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            bool isDue;
            lock (time._gate)
            {
                _period = period == Timeout.InfiniteTimeSpan ? TimeSpan.Zero : period;
                Due = dueTime == Timeout.InfiniteTimeSpan ? null : Later(time._now, dueTime);
                isDue = dueTime == TimeSpan.Zero;
            }
            if (isDue) ThreadPool.QueueUserWorkItem(_ => FireIfDue());
            return true;
        }

        // Further than there are dates is never.
        private static DateTimeOffset? Later(DateTimeOffset now, TimeSpan by) => by > DateTimeOffset.MaxValue - now ? null : now + by;

        public void Dispose()
        {
            lock (time._gate)
            {
                Due = null;
                time._timers.Remove(this);
            }
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}

/// <summary>Tells virtual time, and beats by the machine's, faster than the engine asks for: duties go on while the clock stands still.</summary>
internal sealed class BeatTime(TimeProvider told) : TimeProvider
{
    private const int Faster = 20;

    // More often than that only costs.
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(5);

    public override DateTimeOffset GetUtcNow() => told.GetUtcNow();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => System.CreateTimer(callback, state, Quicker(dueTime), Quicker(period));

    private static TimeSpan Quicker(TimeSpan time) => time <= TimeSpan.Zero ? time : time / Faster < Shortest ? Shortest : time / Faster;
}

/// <summary>The clock of the node that lives now: what a test and its services hold on to while nodes come and go.</summary>
internal sealed class HostTime(Func<TimeProvider> now) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => now().GetUtcNow();

    public override long GetTimestamp() => now().GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => now().CreateTimer(callback, state, dueTime, period);
}

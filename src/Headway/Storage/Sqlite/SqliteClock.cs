namespace Headway.Storage.Sqlite;

/// <summary>
/// The machine's clock, told forwards only: ids and audit events keep their order whatever is done to it. Where the machine's is set forward this one follows
/// at once. Where it is set back this one goes on at half its speed until the machine's has caught up: a pause that was begun takes twice as
/// long at most, and not as long as the clock was set back.
/// </summary>
/// <remarks>Invariant: no moment is before one that was told earlier, in this process or, within <see cref="LongestAhead"/>, in the one before.</remarks>
internal sealed class SqliteClock : TimeProvider
{
    /// <summary>Further ahead than any mix-up of time zones, the clock of the process before was wrong, and going on with it would be, too.</summary>
    public static readonly TimeSpan LongestAhead = TimeSpan.FromDays(1);

    private const int Slower = 2;

    private readonly TimeProvider _machine;
    private readonly Lock _gate = new();
    private DateTimeOffset _seen;
    private long _seenAt;

    /// <param name="told">What the process before told last; null: there was none.</param>
    public SqliteClock(TimeProvider machine, DateTimeOffset? told)
    {
        _machine = machine;
        (_seen, _seenAt) = (machine.GetUtcNow(), machine.GetTimestamp());
        if (told > _seen && told - _seen <= LongestAhead) _seen = told.Value;
    }

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate)
        {
            var (now, at) = (_machine.GetUtcNow(), _machine.GetTimestamp());
            var slow = _seen + (_machine.GetElapsedTime(_seenAt, at) / Slower);
            if (now < slow) return slow;
            (_seen, _seenAt) = (now, at);
            return now;
        }
    }

    public override long TimestampFrequency => _machine.TimestampFrequency;

    public override long GetTimestamp() => _machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _machine.CreateTimer(callback, state, dueTime, period);
}

namespace Headway.Models.Limits;

/// <summary>A figure of the last one to two periods, so that what was needed a moment ago is held ready for a moment more.</summary>
internal sealed class Lately(TimeSpan period)
{
    private long _period;
    private long _now;
    private long _before;

    /// <summary>The larger of the figures of this period and of the one before.</summary>
    public long Most(TimeSpan now)
    {
        Turn(now);
        return Math.Max(_now, _before);
    }

    public void Add(long amount, TimeSpan now)
    {
        Turn(now);
        _now += amount;
    }

    public void Raise(long to, TimeSpan now)
    {
        Turn(now);
        _now = Math.Max(_now, to);
    }

    private void Turn(TimeSpan now)
    {
        var current = now.Ticks / period.Ticks;
        if (current == _period) return;
        _before = current == _period + 1 ? _now : 0;
        (_now, _period) = (0, current);
    }
}

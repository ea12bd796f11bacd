namespace Headway.Models.Failover;

/// <summary>How many calls of a model may be repetitions: a fifth of its calls, and a few a minute for a model that is seldom called.</summary>
/// <remarks>Every call of an outage fails; were each repeated twice, a provider would meet three times its load in the moment in which it has
/// least to give. With a fifth it meets 1.2 times. Invariant: over any stretch of time, repetitions ≤ calls / 5 + <see cref="Floor"/> + minutes × <see cref="FloorPerMinute"/>.</remarks>
internal sealed class RetryBudget(TimeProvider time)
{
    public const double Share = 0.2;
    public const int FloorPerMinute = 10;
    public const int Floor = 10;

    // What a busy hour has saved up must not be spent in the first minute of an outage.
    private const double Most = 50;

    private readonly Lock _gate = new();
    private double _saved = Floor;
    private long _refilled = time.GetTimestamp();

    /// <summary>A call that is no repetition.</summary>
    public void Earn()
    {
        lock (_gate) _saved = Math.Min(Most, _saved + Share);
    }

    /// <summary>Whether a repetition could be paid now.</summary>
    public bool HasRoom
    {
        get
        {
            lock (_gate)
            {
                Refill();
                return _saved >= 1;
            }
        }
    }

    /// <summary>False: no repetition may be made.</summary>
    public bool TrySpend()
    {
        lock (_gate)
        {
            Refill();
            if (_saved < 1) return false;
            _saved--;
            return true;
        }
    }

    private void Refill()
    {
        var now = time.GetTimestamp();
        var minutes = time.GetElapsedTime(_refilled, now).TotalMinutes;
        _refilled = now;
        if (_saved < Floor) _saved = Math.Min(Floor, _saved + (minutes * FloorPerMinute));
    }
}

namespace Headway.Storage.Postgres;

/// <summary>
/// The server's clock, carried on by this process's steady one between two looks: the nodes of one database agree on the time, whatever their own
/// clocks say, and a clock that is set back here moves nothing.
/// </summary>
internal sealed class PostgresClock : TimeProvider
{
    private readonly Lock _gate = new();
    private long _seenAt;
    private DateTimeOffset _seen;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_gate) return _seen + System.GetElapsedTime(_seenAt);
    }

    /// <param name="askedAt">When the server was asked, by <see cref="TimeProvider.GetTimestamp"/>: its answer is from between then and now.</param>
    public void Set(DateTimeOffset server, long askedAt)
    {
        var came = System.GetTimestamp();
        var half = System.GetElapsedTime(askedAt, came) / 2;
        lock (_gate)
        {
            // An answer that took long says little: as long as it may be the same time, the clock goes on as it went.
            if ((_seen + System.GetElapsedTime(_seenAt, came) - (server + half)).Duration() <= half) return;
            (_seen, _seenAt) = (server + half, came);
        }
    }
}

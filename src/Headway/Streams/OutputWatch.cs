using System.Threading.Channels;

namespace Headway.Streams;

/// <summary>One reader's view of a live output: events as they are shown, and notices that the record changed.</summary>
/// <remarks>A reader that falls behind is not waited for: it is told that it lags, and reads the log instead.</remarks>
/// <param name="seesAll">It begins before anything was logged.</param>
/// <param name="ofLog">Sees no event, and is told when there are more of them in the log.</param>
internal sealed class OutputWatch(LiveOutput output, bool seesAll, bool ofLog) : IDisposable
{
    // A reader this far behind reads faster from the log, in pages.
    private const int Capacity = 8_192;

    private readonly Channel<LogEvent> _events = Channel.CreateBounded<LogEvent>(new BoundedChannelOptions(Capacity)
    {
        SingleReader = true,
        AllowSynchronousContinuations = false,
        FullMode = BoundedChannelFullMode.Wait,
    });

    private int _noticed;
    private int _lagging;
    private volatile bool _heard;

    /// <summary>It began before anything was logged: of the present attempt the log holds nothing that is not seen here.</summary>
    public bool SeesAll => seesAll;

    public bool OfLog => ofLog;

    /// <summary>True once after events were dropped, or nothing came for a while: what comes next is in the log.</summary>
    public bool TakeLagging() => Interlocked.Exchange(ref _lagging, 0) == 1;

    /// <summary>True once after the record changed.</summary>
    public bool TakeNotice() => Interlocked.Exchange(ref _noticed, 0) == 1;

    public bool TryRead(out LogEvent entry) => _events.Reader.TryRead(out entry);

    /// <summary>Waits for an event, a notice or somebody who wakes it.</summary>
    public async ValueTask WaitAsync()
    {
        if (Volatile.Read(ref _noticed) == 1 || Volatile.Read(ref _lagging) == 1) return;
        await _events.Reader.WaitToReadAsync().ConfigureAwait(false);
    }

    /// <summary>Called now and then: where nothing came since the last time, something may have been missed.</summary>
    public void NoteSilence()
    {
        if (!_heard) Lag();
        _heard = false;
    }

    internal void Offer(LogEvent entry)
    {
        _heard = true;
        if (!_events.Writer.TryWrite(entry)) Lag();
    }

    internal void Notice()
    {
        Interlocked.Exchange(ref _noticed, 1);
        Wake();
    }

    private void Lag()
    {
        Interlocked.Exchange(ref _lagging, 1);
        Wake();
    }

    /// <summary>An event without an id wakes a reader that waits; it carries nothing. Where there is no room for it, nobody waits.</summary>
    public void Wake() => _events.Writer.TryWrite(default);

    public void Dispose() => output.Leave(this);
}

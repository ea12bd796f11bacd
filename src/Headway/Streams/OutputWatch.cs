using System.Threading.Channels;

namespace Headway.Streams;

/// <summary>One reader's view of a live output: events as they are shown, and notices that the record changed.</summary>
/// <remarks>A reader that falls behind is not waited for: it is told that it lags, and reads the log instead.</remarks>
internal sealed class OutputWatch(LiveOutput output) : IDisposable
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

    /// <summary>True once after events were dropped: what comes next is in the log.</summary>
    public bool TakeLagging() => Interlocked.Exchange(ref _lagging, 0) == 1;

    /// <summary>True once after the record changed.</summary>
    public bool TakeNotice() => Interlocked.Exchange(ref _noticed, 0) == 1;

    public bool TryRead(out LogEvent entry) => _events.Reader.TryRead(out entry);

    /// <summary>Waits for an event or a notice.</summary>
    public async ValueTask WaitAsync(CancellationToken stop)
    {
        if (Volatile.Read(ref _noticed) == 1 || Volatile.Read(ref _lagging) == 1) return;
        await _events.Reader.WaitToReadAsync(stop).ConfigureAwait(false);
    }

    internal void Offer(LogEvent entry)
    {
        if (_events.Writer.TryWrite(entry)) return;
        Interlocked.Exchange(ref _lagging, 1);
    }

    // An event without an id wakes a reader that waits; it carries nothing.
    internal void Notice()
    {
        Interlocked.Exchange(ref _noticed, 1);
        _events.Writer.TryWrite(default);
    }

    public void Dispose() => output.Leave(this);
}

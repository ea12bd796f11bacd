using System.Buffers;
using Headway.Storage;

namespace Headway.Streams;

/// <summary>
/// Writes the output of one attempt: gives ids, shows at once, and logs what was shown within <see cref="LogFlusher.Every"/>, sealed and
/// under the attempt's fence.
/// </summary>
internal sealed class OutputLog
{
    // What may be shown and not yet logged: past it the writer waits for the disk.
    private const int UnloggedBytes = 1 << 20;

    // Bounded by design: a log this long is no answer any more.
    public const long LongestBytes = 16L << 20;
    private const int EventOverhead = 64;

    private readonly LiveOutput _live;
    private readonly Func<long, ReadOnlyMemory<byte>, byte[]> _seal;
    private readonly Func<LogRow, Task<bool>> _write;
    private readonly LogFlusher _flusher;
    private readonly Lock _gate = new();
    private List<LogEvent> _pending = [];

    // A row that could not be written and will be, as it is: whether it was committed after all is not always known, and a row is kept once.
    private LogRow? _refused;
    private Task _flushing = Task.CompletedTask;
    private long _next;
    private long _pendingBytes;
    private long _bytes;
    private bool _closed;

    /// <param name="seal">Seals the bytes of the row that begins with the id.</param>
    /// <param name="write">Logs a row under the fence; false: the attempt is another's by now.</param>
    public OutputLog(LiveOutput live, int attempt, Func<long, ReadOnlyMemory<byte>, byte[]> seal, Func<LogRow, Task<bool>> write, LogFlusher flusher)
    {
        (_live, _seal, _write, _flusher) = (live, seal, write, flusher);
        _next = LogEvent.FirstOf(attempt) + (attempt > 1 ? 0 : 1);
        if (attempt > 1) Restarts = true;
    }

    /// <summary>The fence is broken or the log cannot be written: nothing that is written from now on counts.</summary>
    public bool IsLost { get; private set; }

    /// <summary>Whether readers must first be told that this is another attempt.</summary>
    public bool Restarts { get; }

    /// <summary>Id of the last event; null while there is none.</summary>
    public long? Last { get; private set; }

    /// <summary>Shows an event and queues it for the log. False: the log is full.</summary>
    public async ValueTask<bool> AppendAsync(LogEventKind kind, ReadOnlyMemory<byte> data, CancellationToken stop)
    {
        bool first, crowded;
        lock (_gate)
        {
            // The attempt is settled: what its work still says belongs to nobody.
            if (_closed) throw new OperationCanceledException("The attempt has ended.");
            if (_bytes > LongestBytes || (_next % LogEvent.PerAttempt) == LogEvent.PerAttempt - 4) return false;
            var entry = new LogEvent(_next++, kind, data);
            _live.Show(entry);
            Last = entry.Id;
            first = _pending.Count == 0;
            _pending.Add(entry);
            _pendingBytes += data.Length + EventOverhead;
            _bytes += data.Length + EventOverhead;
            crowded = _pendingBytes > UnloggedBytes;
        }
        if (first) _flusher.Add(this);
        if (!crowded) return true;
        await FlushAsync().WaitAsync(stop).ConfigureAwait(false);
        // Shown, and more of it than is kept in memory: it cannot be resumed, so the attempt ends as a failure and says so.
        if (_refused is not null) IsLost = true;
        return true;
    }

    /// <summary>Logs what is pending. One flush at a time: rows are in order.</summary>
    public Task FlushAsync()
    {
        lock (_gate) return _closed ? _flushing : _flushing = FlushAfterAsync(_flushing);
    }

    private async Task FlushAfterAsync(Task before)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        while (!IsLost && (_refused ?? TakeRow()) is { } row)
        {
            try
            {
                if (await _write(row).ConfigureAwait(false)) _live.Logged(row.Last);
                else IsLost = true;
                _refused = null;
            }
            catch (StorageException error) when (error.MayPass)
            {
                // Written with the next flush, or with the end of the attempt.
                _refused = row;
                _flusher.Add(this);
                return;
            }
            catch (StorageException)
            {
                // Shown but not logged cannot be resumed: the attempt ends as a failure, and says so.
                IsLost = true;
            }
        }
    }

    /// <summary>Closes the log: what is still to be logged goes with the write that ends the attempt, in order. Waits for the flush under way.</summary>
    public async Task<IReadOnlyList<LogRow>> TakeTailAsync()
    {
        Task flushing;
        lock (_gate)
        {
            _closed = true;
            flushing = _flushing;
        }
        await flushing.ConfigureAwait(false);
        if (IsLost) return [];
        LogRow?[] rows = [_refused, TakeRow()];
        return [.. rows.OfType<LogRow>()];
    }

    private LogRow? TakeRow()
    {
        List<LogEvent> events;
        lock (_gate)
        {
            if (_pending.Count == 0) return null;
            (events, _pending) = (_pending, []);
            _pendingBytes = 0;
        }
        return new LogRow(events[0].Id, events[^1].Id, Seal(events));
    }

    // Pooled: all events of a stream, once more, for the moment that sealing takes (docs/design/hot-paths.md).
    private byte[] Seal(List<LogEvent> events)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(LogCodec.LongestOf(events));
        try
        {
            return _seal(events[0].Id, bytes.AsMemory(0, LogCodec.Encode(events, bytes)));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}

namespace Headway.AspNetCore.Events;

/// <summary>What waits to be sent to one reader: bounded by number and by bytes. Whoever has more to tell waits, and goes on from the log when there is room again.</summary>
/// <remarks>One message is taken whatever its size, when nothing else waits: a result may be larger than all that else may wait.</remarks>
internal sealed class UnsentEvents
{
    /// <summary>Small ones: states of jobs, pieces of a text.</summary>
    public const int MostMessages = 256;

    /// <summary>Some hundreds of usual messages, for each of a thousand connections of readers who do not read.</summary>
    public const int MostBytes = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<ReadOnlyMemory<byte>> _waiting = new();
    private TaskCompletionSource _changed = Signal();
    private int _count;
    private long _bytes;
    private bool _isOver;

    /// <summary>Those that were not sent to their end.</summary>
    public (int Count, long Bytes) Held
    {
        get
        {
            lock (_gate) return (_count, _bytes);
        }
    }

    /// <summary>Waits for room. False: the connection is over.</summary>
    public async ValueTask<bool> AddAsync(ReadOnlyMemory<byte> message, CancellationToken stop)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_isOver) return false;
                if (_count == 0 || (_count < MostMessages && _bytes + message.Length <= MostBytes))
                {
                    _waiting.Enqueue(message);
                    (_count, _bytes) = (_count + 1, _bytes + message.Length);
                    Tell();
                    return true;
                }

                changed = _changed.Task;
            }

            await changed.WaitAsync(stop);
        }
    }

    /// <summary>The next one, which counts until it is <see cref="Sent"/>. Null: the connection is over.</summary>
    public async ValueTask<ReadOnlyMemory<byte>?> NextAsync(CancellationToken stop)
    {
        while (true)
        {
            Task changed;
            lock (_gate)
            {
                if (_waiting.TryDequeue(out var next)) return next;
                if (_isOver) return null;
                changed = _changed.Task;
            }

            await changed.WaitAsync(stop);
        }
    }

    public void Sent(ReadOnlyMemory<byte> message)
    {
        lock (_gate)
        {
            (_count, _bytes) = (_count - 1, _bytes - message.Length);
            Tell();
        }
    }

    /// <summary>Nothing more is taken, and nobody waits for room any more.</summary>
    public void End()
    {
        lock (_gate)
        {
            _isOver = true;
            Tell();
        }
    }

    private void Tell()
    {
        var told = _changed;
        _changed = Signal();
        told.TrySetResult();
    }

    private static TaskCompletionSource Signal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

namespace Headway.Storage.Postgres;

/// <summary>What waits to be written: taken all at once, as soon as somebody waits for any of it.</summary>
internal sealed class WriteQueue(TimeProvider time)
{
    // Long enough for a group to gather, and still what a reader would call at once.
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(5);

    // So many share a transaction well enough.
    private const int Worthwhile = 200;

    private readonly Lock _gate = new();
    private List<GroupedWrite> _waiting = [];
    private TaskCompletionSource _called = New();
    private bool _urgent;
    private int _backlog;

    public bool IsClosing { get; private set; }

    public int Backlog => Volatile.Read(ref _backlog);

    public void Add(GroupedWrite write, bool lingers)
    {
        lock (_gate)
        {
            if (IsClosing)
            {
                write.Fail(new StorageException("storage-unavailable", "This node is stopping."));
                return;
            }
            _waiting.Add(write);
            Interlocked.Increment(ref _backlog);
            _urgent |= !lingers || _waiting.Count >= Worthwhile;
            _called.TrySetResult();
        }
    }

    /// <summary>Somebody waits for what lingers.</summary>
    public void Hurry()
    {
        lock (_gate)
        {
            if (_waiting.Count == 0) return;
            _urgent = true;
            _called.TrySetResult();
        }
    }

    public void Close()
    {
        lock (_gate)
        {
            IsClosing = true;
            _called.TrySetResult();
        }
    }

    public void Done(int writes) => Interlocked.Add(ref _backlog, -writes);

    /// <summary>Null: closed, and nothing is left.</summary>
    public async ValueTask<List<GroupedWrite>?> TakeAsync()
    {
        var lingered = false;
        while (true)
        {
            Task called;
            bool rests;
            lock (_gate)
            {
                if (_waiting.Count > 0 && (_urgent || lingered || IsClosing))
                {
                    var taken = _waiting;
                    (_waiting, _urgent) = ([], false);
                    return taken;
                }
                if (IsClosing) return null;
                if (_called.Task.IsCompleted) _called = New();
                (called, rests) = (_called.Task, _waiting.Count == 0);
            }
            if (rests)
            {
                await called.ConfigureAwait(false);
                continue;
            }
            // What nobody waits for waits for company; who hurries it calls.
            lingered = await Task.WhenAny(called, Task.Delay(Linger, time)).ConfigureAwait(false) != called;
        }
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

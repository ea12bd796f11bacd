namespace Headway.Storage.Sqlite;

/// <summary>
/// The one thread that writes. It takes whatever has gathered while the last transaction went to disk, applies it as one transaction,
/// and releases each caller with its own verdict.
/// </summary>
/// <remarks>
/// An operation that nobody waits for may linger until others share its transaction, which is most of what a small group costs.
/// Invariant: an operation is released only after the commit that holds it returned, and failed only if no commit holds it. An
/// unexpected error undoes the group, whose halves are then tried apart, down to the single operation: one bad operation among many
/// hurts only itself.
/// </remarks>
internal sealed class SqliteWriter : IAsyncDisposable
{
    // A larger group gains nothing more from sharing an fsync and only delays its first caller.
    private const int GroupLimit = 1_000;

    // Long enough for a group to gather, and still what a reader would call at once.
    private static readonly TimeSpan Linger = TimeSpan.FromMilliseconds(5);

    // So many share a transaction well enough.
    private const int Worthwhile = 200;

    // 32 MiB of log: reading stays fast, and a checkpoint stays short.
    private const int CheckpointPages = 4_000;

    private readonly SqliteSession _session;
    private readonly Action<string>? _fault;
    private readonly Thread _thread;
    private readonly Lock _gate = new();
    private readonly AutoResetEvent _work = new(false);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private List<GroupedWrite> _waiting = new(GroupLimit);
    private List<GroupedWrite> _group = new(GroupLimit);
    // Under the gate: somebody waits for one of those that wait; the thread sleeps until it is woken.
    private bool _urgent;
    private bool _resting;
    private int _backlog;
    private int _pagesSinceCheckpoint;
    private bool _traces;
    private volatile bool _closing;

    /// <param name="fault">Told of each operation as `NAME:before-commit` and `NAME:after-commit`, on the writer's thread: where a test may end the process.</param>
    public SqliteWriter(SqliteSession session, Action<string>? fault)
    {
        _session = session;
        _fault = fault;
        _thread = new Thread(Loop) { IsBackground = true, Name = "headway-writer" };
        _thread.Start();
    }

    public bool IsClosing => _closing;

    public int Backlog => Volatile.Read(ref _backlog);

    /// <param name="lingers">Whether nobody waits for it, so that it may wait for others to share its transaction.</param>
    public void Add(GroupedWrite write, bool lingers = false)
    {
        lock (_gate)
        {
            if (_closing)
            {
                write.Fail(new StorageException("storage-unavailable", "This node is stopping."));
                return;
            }
            _waiting.Add(write);
            Interlocked.Increment(ref _backlog);
            Wake(urgent: !lingers || _waiting.Count >= Worthwhile);
        }
    }

    /// <summary>Somebody waits for what lingers.</summary>
    public void Hurry()
    {
        lock (_gate)
        {
            // One that closes takes all there is.
            if (_waiting.Count > 0 && !_closing) Wake(urgent: true);
        }
    }

    // Under the gate and never once it closes: the signal is gone when the thread has ended.
    private void Wake(bool urgent)
    {
        if (_resting || (urgent && !_urgent)) _work.Set();
        _urgent |= urgent;
        _resting = false;
    }

    private void Loop()
    {
        while (true)
        {
            var lingered = !_work.WaitOne(Pause());
            // Read before the last look: what was added before the closing is in that look.
            var closing = _closing;
            while (Take(lingered || closing))
            {
                lingered = false;
                for (var from = 0; from < _group.Count; from += GroupLimit)
                {
                    WriteGroup(_group, from, Math.Min(from + GroupLimit, _group.Count));
                }
                _traces |= _group.Exists(write => write.LeavesNoTrace);
                _group.Clear();
                CheckpointWhenLong();
                // Somebody who reads an older state keeps the log from being emptied: then after the next group.
                if (_traces && _session.EmptyLog()) _traces = false;
            }
            if (!closing) continue;
            _session.Checkpoint();
            _session.Dispose();
            _ended.SetResult();
            return;
        }
    }

    private TimeSpan Pause()
    {
        lock (_gate)
        {
            _resting = _waiting.Count == 0;
            return _resting ? Timeout.InfiniteTimeSpan : Linger;
        }
    }

    private bool Take(bool all)
    {
        lock (_gate)
        {
            if (!all && !_urgent) return false;
            _urgent = false;
            (_waiting, _group) = (_group, _waiting);
        }
        return _group.Count > 0;
    }

    private void WriteGroup(List<GroupedWrite> group, int from, int to)
    {
        var error = TryWrite(group, from, to);
        if (error is null)
        {
            Interlocked.Add(ref _backlog, from - to);
            if (to - from == 1) group[from].Release();
            else ThreadPool.UnsafeQueueUserWorkItem(new DurableGroup(group.GetRange(from, to - from)), preferLocal: false);
        }
        else if (to - from == 1)
        {
            Interlocked.Decrement(ref _backlog);
            group[from].Fail(error);
        }
        else
        {
            // Halving finds the bad one in few transactions.
            var middle = from + ((to - from) / 2);
            WriteGroup(group, from, middle);
            WriteGroup(group, middle, to);
        }
    }

    private Exception? TryWrite(List<GroupedWrite> group, int from, int to)
    {
        try
        {
            _session.Begin();
            for (var i = from; i < to; i++) Apply(group[i]);
            Tell(group, from, to, "before-commit");
            _session.Commit();
            Tell(group, from, to, "after-commit");
            return null;
        }
#pragma warning disable CA1031 // Whatever went wrong belongs to the callers of this group; the writer lives on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _session.Rollback();
            return error;
        }
    }

    // Nothing waits in a session of SQLite, so the operation has ended when it returns.
    private void Apply(GroupedWrite write)
    {
        var applied = write.ApplyIn(_session);
        if (!applied.IsCompleted) throw new InvalidOperationException($"{write.GetType().Name} waits for something other than the database.");
        applied.GetAwaiter().GetResult();
    }

    // After the commit, before anybody learns of it: the boundary at which a lost acknowledgement must do no harm.
    private void Tell(List<GroupedWrite> group, int from, int to, string boundary)
    {
        if (_fault is null) return;
        foreach (var point in group[from..to].Where(write => !write.FoundNothing).SelectMany(write => write.Boundaries)) _fault($"{point}:{boundary}");
    }

    // After the callers were released: a checkpoint inside a commit would make them wait for it.
    private void CheckpointWhenLong()
    {
        _pagesSinceCheckpoint += _session.TakePagesWritten();
        if (_pagesSinceCheckpoint < CheckpointPages) return;
        _pagesSinceCheckpoint = _session.Checkpoint();
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_closing) return;
            _closing = true;
        }
        _work.Set();
        await _ended.Task.ConfigureAwait(false);
        _work.Dispose();
    }
}

namespace Headway.Streams;

/// <summary>
/// The output of one job in this process: events are shown to watchers at once and kept here until they are in the log.
/// </summary>
/// <remarks>
/// Invariant: at any moment every event that was shown is in the log or in <see cref="_unlogged"/>; a watch starts, under the same lock,
/// with a copy of the latter. So a reader who watches first, reads the log second and skips ids it has seen misses nothing and repeats nothing.
/// </remarks>
internal sealed class LiveOutput(JobId job, Action<LiveOutput> drop)
{
    private readonly Lock _gate = new();
    private readonly List<OutputWatch> _watches = [];
    private readonly List<LogEvent> _unlogged = [];
    private int _holders;
    private bool _dropped;

    public JobId Job => job;

    /// <summary>Called when the last watcher leaves, and with true when one comes.</summary>
    public Action<bool>? WatchedChanged { get; set; }

    public bool IsWatched
    {
        get
        {
            lock (_gate) return _watches.Count > 0;
        }
    }

    public bool TryHold()
    {
        lock (_gate)
        {
            if (_dropped) return false;
            _holders++;
            return true;
        }
    }

    /// <summary>The writer is done.</summary>
    public void Release()
    {
        lock (_gate)
        {
            _holders--;
            _unlogged.Clear();
        }
        DropIfUnused();
    }

    public void Show(LogEvent entry)
    {
        lock (_gate)
        {
            _unlogged.Add(entry);
            foreach (var watch in _watches) watch.Offer(entry);
        }
    }

    /// <summary>Everything up to the id is in the log now.</summary>
    public void Logged(long last)
    {
        lock (_gate)
        {
            var count = 0;
            while (count < _unlogged.Count && _unlogged[count].Id <= last) count++;
            _unlogged.RemoveRange(0, count);
        }
    }

    public void Changed()
    {
        lock (_gate)
        {
            foreach (var watch in _watches) watch.Notice();
        }
    }

    public OutputWatch? TryWatch()
    {
        OutputWatch watch;
        lock (_gate)
        {
            if (_dropped) return null;
            watch = new OutputWatch(this);
            foreach (var entry in _unlogged) watch.Offer(entry);
            _watches.Add(watch);
        }
        WatchedChanged?.Invoke(true);
        return watch;
    }

    public void Leave(OutputWatch watch)
    {
        bool last;
        lock (_gate)
        {
            last = _watches.Remove(watch) && _watches.Count == 0;
        }
        if (last) WatchedChanged?.Invoke(false);
        DropIfUnused();
    }

    private void DropIfUnused()
    {
        lock (_gate)
        {
            if (_dropped || _holders > 0 || _watches.Count > 0) return;
            _dropped = true;
        }
        drop(this);
    }
}

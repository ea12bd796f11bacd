namespace Headway.Streams;

/// <summary>
/// The output of one job in this process: events are shown to watchers at once and kept here until they are in the log.
/// </summary>
/// <remarks>
/// Invariant: at any moment every event that was shown is in the log or in <see cref="_unlogged"/>; a watch starts, under the same lock,
/// with a copy of the latter. So a reader who watches first, reads the log second and skips ids it has seen misses nothing and repeats nothing.
///
/// Invariant: <see cref="_absence"/> is there exactly while readers are expected and nobody watches. Every coming and every leaving changes it
/// under the lock, and an absence that has lasted too long ends the work under the same lock, and only if it is still the present one. So who
/// got a watch before that was decided is never taken for absent; who leaves last begins an absence of its own, whose clock nothing can stop but
/// a reader who comes or the end of the work; and a clock that strikes late, for an absence that is over, strikes for nobody.
/// </remarks>
internal sealed class LiveOutput(JobId job, Action<LiveOutput> drop)
{
    private readonly Lock _gate = new();
    private readonly List<OutputWatch> _watches = [];
    private readonly List<LogEvent> _unlogged = [];
    private Expectation? _expected;
    private Absence? _absence;
    private int _holders;
    private bool _forgets;
    private bool _dropped;

    public JobId Job => job;

    /// <summary>From now on somebody must watch, or the work is in vain.</summary>
    /// <param name="first">How long the first reader may take to come.</param>
    /// <param name="again">How long one who left may be gone.</param>
    /// <param name="abandoned">Called once, under the lock: it must be quick and take no lock of its own.</param>
    public void ExpectReaders(TimeSpan first, TimeSpan again, TimeProvider time, Action abandoned)
    {
        lock (_gate)
        {
            _expected = new Expectation(again, time, abandoned);
            if (_watches.Count == 0) BeginAbsence(first);
        }
    }

    /// <summary>The work has ended: whoever comes or goes now does not change it.</summary>
    public void ExpectNobody()
    {
        lock (_gate)
        {
            _expected = null;
            EndAbsence();
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
            _forgets = true;
        }
        DropIfUnused();
    }

    public void Show(LogEvent entry)
    {
        lock (_gate)
        {
            _unlogged.Add(entry);
            foreach (var watch in _watches.Where(watch => !watch.OfLog)) watch.Offer(entry);
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
            _forgets = true;
            foreach (var watch in _watches.Where(watch => watch.OfLog)) watch.Notice();
        }
    }

    public void Changed()
    {
        lock (_gate)
        {
            foreach (var watch in _watches) watch.Notice();
        }
    }

    /// <summary>Somebody watches on another node, and will say so again before long: an absence begins anew.</summary>
    /// <param name="silence">How long such a reader may be silent.</param>
    public void WatchedElsewhere(TimeSpan silence)
    {
        lock (_gate)
        {
            if (_absence is null || _expected is not { } expected) return;
            EndAbsence();
            BeginAbsence(expected.Again > silence ? expected.Again : silence);
        }
    }

    public OutputWatch? TryWatch(bool ofLog)
    {
        OutputWatch watch;
        lock (_gate)
        {
            if (_dropped) return null;
            watch = new OutputWatch(this, seesAll: !ofLog && _holders > 0 && !_forgets, ofLog);
            foreach (var entry in ofLog ? [] : _unlogged) watch.Offer(entry);
            _watches.Add(watch);
            EndAbsence();
        }
        return watch;
    }

    public void Leave(OutputWatch watch)
    {
        lock (_gate)
        {
            if (_watches.Remove(watch) && _watches.Count == 0 && _expected is { } expected) BeginAbsence(expected.Again);
        }
        DropIfUnused();
    }

    private void BeginAbsence(TimeSpan limit) => _absence = new Absence(this, limit, _expected!.Time);

    private void EndAbsence()
    {
        _absence?.Stop();
        _absence = null;
    }

    private void Strike(Absence absence)
    {
        lock (_gate)
        {
            if (_absence != absence) return;
            EndAbsence();
            _expected!.Abandoned();
            _expected = null;
        }
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

    private sealed record Expectation(TimeSpan Again, TimeProvider Time, Action Abandoned);

    // A clock of its own for each absence: one that was set for an earlier one and strikes late is told apart.
    private sealed class Absence
    {
        private readonly ITimer _clock;

        // Called under the lock, so that a clock that strikes at once finds its absence in place.
        public Absence(LiveOutput output, TimeSpan limit, TimeProvider time) =>
            _clock = time.CreateTimer(_ => output.Strike(this), null, limit, Timeout.InfiniteTimeSpan);

        public void Stop() => _clock.Dispose();
    }
}

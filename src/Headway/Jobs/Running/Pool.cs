using Headway.Features;
using Headway.Jobs.Storage;

namespace Headway.Jobs.Running;

/// <summary>The concurrency that a feature version owns on this node. Calls wait for a slot in order, as many as its queue holds.</summary>
internal sealed class Pool(string name, PoolOptions options)
{
    // How far back the pace reaches, and how many pieces of work a node is believed to have measured at most.
    private const int Remembered = 20;
    private const int MostMeasured = 100;

    // Of the places that become free as many are left to those who come for the first time.
    private const int PlacesForOneWhoReturns = 2;

    // Below a second a Retry-After cannot be told; beyond five minutes nobody knows.
    private static readonly TimeSpan Soonest = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Latest = TimeSpan.FromMinutes(5);

    private readonly Lock _gate = new();
    private long _promised;
    private readonly LinkedList<TaskCompletionSource<bool>> _waiting = new();
    private PoolOptions _options = options;
    private int _taken;

    public string Name => name;

    public int Taken
    {
        get
        {
            lock (_gate) return _taken;
        }
    }

    /// <summary>Raised when a slot becomes free and no call waits for it.</summary>
    public Action? Freed { get; set; }

    /// <summary>How long the work in it took lately, for estimates; null until something ended.</summary>
    public TimeSpan? Pace { get; private set; }

    /// <summary>How many pieces of work <see cref="Pace"/> rests on, up to a bound: older ones say nothing any more.</summary>
    public int Measured { get; private set; }

    public int Concurrency => _options.Concurrency;

    /// <summary>How many of its jobs may run on all nodes together; null: as many as there are slots.</summary>
    public int? Cluster => _options.Cluster;

    /// <summary>Of the queue behind it.</summary>
    public QueueRoom Room { get; } = new();

    /// <summary>Calls that wait are let into new slots in their order; with fewer slots, what is in stays in until it leaves.</summary>
    public void Resize(PoolOptions options)
    {
        var entering = new List<TaskCompletionSource<bool>>();
        bool room;
        lock (_gate)
        {
            _options = options;
            for (; _taken < options.Concurrency && _waiting.First is { } first; _taken++)
            {
                _waiting.RemoveFirst();
                entering.Add(first.Value);
            }
            room = _taken < options.Concurrency;
        }
        Room.Forget();
        foreach (var next in entering) next.SetResult(true);
        if (room) Freed?.Invoke();
    }

    public bool TryEnter()
    {
        lock (_gate)
        {
            if (_waiting.Count > 0 || _taken >= _options.Concurrency) return false;
            _taken++;
            return true;
        }
    }

    /// <summary>Takes as many free slots as there are, up to a limit: for jobs that will be claimed in one write.</summary>
    public int EnterMany(int most)
    {
        lock (_gate)
        {
            if (_waiting.Count > 0) return 0;
            var entered = Math.Clamp(_options.Concurrency - _taken, 0, most);
            _taken += entered;
            return entered;
        }
    }

    /// <summary>Waits for a slot. False: the pool's queue is full, or the limit passed. Cancelled: the caller left.</summary>
    public async ValueTask<bool> EnterAsync(TimeSpan limit, TimeProvider time, CancellationToken callerLeft)
    {
        LinkedListNode<TaskCompletionSource<bool>> place;
        lock (_gate)
        {
            if (_waiting.Count == 0 && _taken < _options.Concurrency)
            {
                _taken++;
                return true;
            }
            if (_waiting.Count >= _options.Queue) return false;
            place = _waiting.AddLast(new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously));
        }
        try
        {
            return await place.Value.Task.WaitAsync(limit, time, callerLeft).ConfigureAwait(false);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            if (GiveUp(place)) Leave();
            if (error is OperationCanceledException) throw;
            return false;
        }
    }

    /// <summary>True: the slot was handed over in the same moment and must go on to the next.</summary>
    private bool GiveUp(LinkedListNode<TaskCompletionSource<bool>> place)
    {
        lock (_gate)
        {
            if (place.List is null) return true;
            _waiting.Remove(place);
            return false;
        }
    }

    /// <param name="took">How long the work took, if it was work.</param>
    public void Leave(TimeSpan? took = null)
    {
        TaskCompletionSource<bool>? next = null;
        lock (_gate)
        {
            if (took is { } time)
            {
                // The mean of the first ones, then one that forgets: the very first alone says little.
                if (Measured < MostMeasured) Measured++;
                Pace = Pace is { } pace ? pace + ((time - pace) / Math.Min(Measured, Remembered)) : time;
            }
            if (_taken <= _options.Concurrency && _waiting.First is { } first)
            {
                _waiting.RemoveFirst();
                next = first.Value;
            }
            else
            {
                _taken--;
            }
        }
        if (next is not null) next.SetResult(true);
        else Freed?.Invoke();
    }

    /// <summary>When one that was turned away should come again: behind those who were told so before.</summary>
    /// <remarks>One free place cannot be given to all who were turned away, so each is told a time of its own. Every second place is left to those who come anew.</remarks>
    /// <param name="now">Milliseconds since 1970.</param>
    /// <param name="interval">How often a place becomes free.</param>
    public TimeSpan Appointment(long now, TimeSpan interval)
    {
        lock (_gate)
        {
            var last = Math.Clamp(_promised, now * 1_000, (now * 1_000) + (Latest.Ticks / TimeSpan.TicksPerMicrosecond));
            _promised = last + (PlacesForOneWhoReturns * interval.Ticks / TimeSpan.TicksPerMicrosecond);
            return WithinReason(TimeSpan.FromMicroseconds(_promised - (now * 1_000)));
        }
    }

    /// <summary>A wait as it can be told: 1 s to 5 min.</summary>
    public static TimeSpan WithinReason(TimeSpan wait) => wait < Soonest ? Soonest : wait > Latest ? Latest : wait;

    /// <summary>Gives back slots that nothing was claimed for.</summary>
    public void LeaveUnused(int slots)
    {
        // One by one while calls wait for them; the rest at once.
        for (; slots > 0; slots--)
        {
            lock (_gate)
            {
                if (_waiting.Count == 0)
                {
                    _taken -= slots;
                    return;
                }
            }
            Leave();
        }
    }
}

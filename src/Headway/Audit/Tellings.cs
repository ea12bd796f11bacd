using System.Collections.Concurrent;
using Headway.Storage;

namespace Headway.Audit;

/// <summary>Tells the audit trail of what may happen thousands of times a second and touches nothing: calls that are turned away.</summary>
/// <remarks>
/// Nobody waits for these events, and each would cost the disk more than what it tells of. So of each kind the first few of a second are told one by one; the rest
/// are counted, and the next event of the kind says for how many it stands, at the latest the one that <see cref="TellRestAsync"/> writes each second. An event that
/// stands for several names the last of them. A kind that is quiet is forgotten.
///
/// Invariant: each is counted in exactly one event, also across a disk that takes nothing for a while. Only a process that dies takes with it what it had counted
/// in its last second.
/// </remarks>
/// <typeparam name="TKind">What makes two of them alike.</typeparam>
/// <typeparam name="T">What is told of.</typeparam>
/// <param name="now">Milliseconds since 1970.</param>
/// <param name="write">Writes an event that stands for so many; durable when it returns.</param>
internal sealed class Tellings<TKind, T>(Func<long> now, Func<T, long, Task> write) where TKind : notnull where T : class
{
    /// <summary>So many of a kind are told one by one in a second.</summary>
    public const int PerSecond = 5;

    private readonly ConcurrentDictionary<TKind, Count> _counts = new();
    private readonly ConcurrentDictionary<long, Task> _telling = new();
    private long _tellings;

    private long Second => now() / 1_000;

    /// <summary>How many kinds there are at the moment.</summary>
    public int Kinds => _counts.Count;

    /// <summary>Returns at once; the event is written with the next group.</summary>
    public void Note(TKind kind, T what)
    {
        if (Add(kind, what, 1) is not { } count) return;
        var id = Interlocked.Increment(ref _tellings);
        var telling = TellAsync(id, kind, what, count);
        _telling[id] = telling;
        if (telling.IsCompleted) _telling.TryRemove(id, out _);
    }

    /// <summary>The last word: also of those that were on their way to a disk that did not take them.</summary>
    public async Task CloseAsync()
    {
        await Task.WhenAll(_telling.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await TellRestAsync().ConfigureAwait(false);
    }

    /// <summary>Writes what was counted and not told yet; durable when it returns.</summary>
    public async Task TellRestAsync()
    {
        foreach (var (kind, counted) in _counts)
        {
            if (counted.TakeRest() is { } rest) await TellAsync(kind, rest.Last, rest.Count).ConfigureAwait(false);
            else if (counted.TryRetire(Second)) _counts.TryRemove(new KeyValuePair<TKind, Count>(kind, counted));
        }
    }

    /// <summary>The outcome of an event that stands for so many.</summary>
    public static string OutcomeOf(string code, long count) => count == 1 ? code : $"{code} ×{count}";

    /// <summary>For how many an event is to be written now; null: they are counted.</summary>
    private long? Add(TKind kind, T what, long count, bool tell = true)
    {
        while (true)
        {
            if (_counts.GetOrAdd(kind, static _ => new Count()).TryAdd(what, count, tell ? Second : null, out var told)) return told;
        }
    }

    private async Task TellAsync(long id, TKind kind, T what, long count)
    {
        await TellAsync(kind, what, count).ConfigureAwait(false);
        _telling.TryRemove(id, out _);
    }

    private async Task TellAsync(TKind kind, T what, long count)
    {
        try
        {
            await write(what, count).ConfigureAwait(false);
        }
        catch (StorageException)
        {
            // Whoever writes what matters more reports the disk; these are told when it takes something again.
            Add(kind, what, count, tell: false);
        }
    }

    private sealed class Count
    {
        // A kind that came a moment ago will come again.
        private const int QuietSeconds = 60;

        private readonly Lock _gate = new();
        private T? _last;
        private long _second;
        private long _untold;
        private int _told;
        private bool _retired;

        /// <summary>False: it is retired, and another takes its place.</summary>
        /// <param name="second">Null: count only.</param>
        public bool TryAdd(T what, long count, long? second, out long? tell)
        {
            tell = null;
            lock (_gate)
            {
                if (_retired) return false;
                (_last, _untold) = (what, _untold + count);
                if (second is not { } now) return true;
                if (now != _second) (_second, _told) = (now, 0);
                if (_told == PerSecond) return true;
                _told++;
                (tell, _untold) = (_untold, 0);
                return true;
            }
        }

        public (T Last, long Count)? TakeRest()
        {
            lock (_gate)
            {
                if (_untold == 0) return null;
                var rest = (_last!, _untold);
                _untold = 0;
                return rest;
            }
        }

        public bool TryRetire(long second)
        {
            lock (_gate) return _retired |= _untold == 0 && second - _second > QuietSeconds;
        }
    }
}

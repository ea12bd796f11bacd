namespace Headway.Jobs.Workers;

/// <summary>Wakes the claims in this process that wait for something to do in their pools: one for each word, because most words are of one job; and of those
/// who wait for the jobs of one tenant alone, one for each tenant, where the word does not say whose it is.</summary>
/// <remarks>Invariant: whoever was woken looks, or wakes the next in line; and so does one that took as much as it may. So a word of many jobs wakes as many as there is work for.</remarks>
internal sealed class WorkerBell
{
    private readonly Lock _gate = new();

    private readonly Dictionary<long, List<Line>> _waiting = [];

    /// <summary>Those who wait for the same, in the order they came.</summary>
    private sealed record Line(string? Tenant, LinkedList<WaitingClaim> Claims)
    {
        // One that was woken and has not looked yet will find the work of the word before; this one is the next's. Who is not waiting is about to look, or to leave with what it found.
        public void Wake() => (Claims.FirstOrDefault(waiting => waiting is { IsWoken: false, IsWaiting: true }) ?? Claims.FirstOrDefault(waiting => !waiting.IsWoken))?.Wake();
    }

    /// <summary>Ask first, then look at the database, then wait: what comes between asking and waiting is not missed. Dispose when done.</summary>
    /// <param name="tenant">Whose jobs alone it waits for; null: those of all.</param>
    public WaitingClaim Expect(IReadOnlyList<long> pools, string? tenant = null)
    {
        var waiting = new WaitingClaim(this, pools, tenant);
        lock (_gate)
        {
            foreach (var pool in pools)
            {
                if (LineOf(pool, tenant) is not { } line)
                {
                    line = new Line(tenant, []);
                    if (_waiting.TryGetValue(pool, out var others)) others.Add(line);
                    else _waiting[pool] = [line];
                }
                line.Claims.AddLast(waiting);
            }
        }
        return waiting;
    }

    private Line? LineOf(long pool, string? tenant) => _waiting.GetValueOrDefault(pool)?.Find(line => line.Tenant == tenant);

    /// <summary>There may be something to claim in the pool.</summary>
    /// <param name="tenant">Whose it is; null: it is not known here.</param>
    public void Ring(long pool, string? tenant = null)
    {
        lock (_gate)
        {
            if (!_waiting.TryGetValue(pool, out var lines)) return;
            foreach (var line in lines)
                if (tenant is null || line.Tenant is null || line.Tenant == tenant) line.Wake();
        }
    }

    /// <summary>There may be something to claim in any.</summary>
    /// <param name="tenant">Whose it is; null: it is not known here.</param>
    /// <param name="but">A pool that was rung for already.</param>
    public void RingAll(string? tenant = null, long? but = null)
    {
        lock (_gate)
        {
            foreach (var pool in _waiting.Keys.Where(pool => pool != but)) Ring(pool, tenant);
        }
    }

    private void Forget(WaitingClaim waiting)
    {
        lock (_gate)
        {
            foreach (var pool in waiting.Pools)
            {
                if (LineOf(pool, waiting.Tenant) is { } line && line.Claims.Remove(waiting) && line.Claims.Count == 0 && _waiting[pool] is var lines && lines.Remove(line) && lines.Count == 0) _waiting.Remove(pool);
            }
            if (!waiting.OwesWord) return;
            foreach (var pool in waiting.Pools) LineOf(pool, waiting.Tenant)?.Wake();
        }
    }

    /// <summary>One of the claims.</summary>
    internal sealed class WaitingClaim(WorkerBell bell, IReadOnlyList<long> pools, string? tenant) : IDisposable
    {
        private TaskCompletionSource _rung = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IReadOnlyList<long> Pools => pools;

        public string? Tenant => tenant;

        /// <summary>It was rung for, and goes to look.</summary>
        public bool IsWoken => Volatile.Read(ref _rung).Task.IsCompleted;

        /// <summary>It has nothing else to do.</summary>
        public bool IsWaiting { get; private set; }

        /// <summary>The next must be woken when it leaves: it has not looked since it was woken, or has left something for others.</summary>
        public bool OwesWord { get => field || IsWoken; private set; }

        public void Wake() => Volatile.Read(ref _rung).TrySetResult();

        /// <summary>Until it is rung for, or the limit has passed. Rung before: at once.</summary>
        public async Task WaitAsync(TimeSpan limit, TimeProvider time, CancellationToken left)
        {
            IsWaiting = true;
            try
            {
                await _rung.Task.WaitAsync(limit, time, left).ConfigureAwait(false);
                OwesWord = true;
                Volatile.Write(ref _rung, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            }
            catch (TimeoutException)
            {
                // The look that follows decides.
            }
            finally
            {
                IsWaiting = false;
            }
        }

        /// <summary>It has looked.</summary>
        /// <param name="mayBeMore">It took as much as it may, and others may find something, too.</param>
        public void Found(bool mayBeMore) => OwesWord = mayBeMore;

        public void Dispose() => bell.Forget(this);
    }
}

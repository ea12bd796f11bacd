using System.Collections.Concurrent;
using Headway.Features;
using Headway.Jobs.Storage;
using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Jobs.Running;

/// <summary>
/// Claims queued jobs for free slots and sets them going. Woken when a job is accepted, becomes due, or a slot is free; asks by itself as
/// a backstop.
/// </summary>
internal sealed class Claimer(Database database, Pools pools, NodeLease lease, WorkReader reader, JobRunner runner, AttemptEnds ends, RunningJobs running, ILogger<Claimer> logger) : IAsyncDisposable
{
    // More in one write gains nothing, and would hold the writer for others.
    private const int ClaimLimit = 200;
    private static readonly TimeSpan Backstop = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<long, ClaimablePool> _pools = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    public void Start() => _loop = LoopAsync();

    /// <summary>From now on jobs of this version are claimed here. Sync and stream calls bring their own slot and are never claimed.</summary>
    public void Serve(RegisteredVersion version)
    {
        if (version.Version.Contract.Mode is Mode.Sync or Mode.Stream || _pools.ContainsKey(version.Pool)) return;
        var claimable = new ClaimablePool(version.Pool, pools.For(version.Version), version.Version.Contract.Data);
        if (!_pools.TryAdd(version.Pool, claimable)) return;
        claimable.Pool.Freed = () =>
        {
            if (claimable.MayHaveWork) Wake();
        };
    }

    /// <summary>There may be something to claim in the pool.</summary>
    public void Wake(long pool)
    {
        if (!_pools.TryGetValue(pool, out var claimable)) return;
        claimable.MayHaveWork = true;
        Wake();
    }

    public void WakeAll()
    {
        foreach (var pool in _pools.Values) pool.MayHaveWork = true;
        Wake();
    }

    private void Wake()
    {
        try
        {
            if (_wake.CurrentCount > 0) return;
            _wake.Release();
        }
        catch (Exception error) when (error is SemaphoreFullException or ObjectDisposedException)
        {
            // Somebody else woke it in the same moment, or the node has stopped claiming.
        }
    }

    private async Task LoopAsync()
    {
        var lastAsked = database.Now;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(Backstop, _stop.Token).ConfigureAwait(false);
                if (database.Now - lastAsked >= Backstop.TotalMilliseconds)
                {
                    lastAsked = database.Now;
                    foreach (var pool in _pools.Values) pool.MayHaveWork = true;
                }
                foreach (var pool in _pools.Values.Where(pool => pool.MayHaveWork)) await ClaimAsync(pool).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (StorageException error)
            {
                logger.LogError("Nothing can be claimed: {Cure}", error.Message);
                await Task.Delay(Backstop, database.Time, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private async Task ClaimAsync(ClaimablePool pool)
    {
        var slots = pool.Pool.EnterMany(ClaimLimit);
        if (slots == 0) return;
        pool.MayHaveWork = false;
        IReadOnlyList<ClaimedJob> claimed = [];
        try
        {
            claimed = await database.WriteAsync(new ClaimJobs(pool.Number, lease.Number, lease.Node, pool.Data, slots, database.Now)).ConfigureAwait(false);
        }
        finally
        {
            if (claimed.Count == slots) pool.MayHaveWork = true;
            pool.Pool.LeaveUnused(slots - claimed.Count);
        }
        if (claimed.Count == 0) return;
        running.Claimed(claimed.Count);
        foreach (var row in Find(pool.Pool, claimed)) _ = RunAsync(pool.Pool, row);
        if (pool.MayHaveWork) Wake();
    }

    // What was claimed and cannot be read must not stay claimed by a node that is alive. Together first, then one by one: a bad row hurts only itself.
    private IReadOnlyList<WorkRow> Find(Pool pool, IReadOnlyList<ClaimedJob> claimed)
    {
        try
        {
            return reader.Find(claimed);
        }
        catch (StorageException error)
        {
            if (claimed.Count > 1) return [.. claimed.SelectMany(job => Find(pool, [job]))];
            _ = GiveUpAsync(pool, claimed[0], error);
            return [];
        }
    }

    private async Task GiveUpAsync(Pool pool, ClaimedJob job, StorageException error)
    {
        await SetAsideAsync(job, error).ConfigureAwait(false);
        running.Settled();
        pool.Leave();
    }

    // Trouble of the disk is no crash of the job; a row that is damaged, or has no input, would never run and ends as poison.
    private Task SetAsideAsync(ClaimedJob job, Exception error)
    {
        logger.LogError(error, "{Job} could not be run", job.Fence.Job);
        return error is StorageException { MayPass: true } ? ends.HandBackAsync(job) : ends.TakeBackAsync(job.Fence);
    }

    private async Task RunAsync(Pool pool, WorkRow row)
    {
        var job = row.Claimed;
        var ended = Task.CompletedTask;
        var began = database.Time.GetTimestamp();
        try
        {
            // The claim loop goes on while the job is opened and run.
            await Task.Yield();
            ended = await runner.RunAsync(await reader.OpenAsync(row, CancellationToken.None).ConfigureAwait(false), job).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // One bad job hurts only itself: its lease ends, and rescue counts the crash.
        catch (Exception error)
#pragma warning restore CA1031
        {
            await SetAsideAsync(job, error).ConfigureAwait(false);
        }
        finally
        {
            running.Settled();
        }
        await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        pool.Leave(database.Time.GetElapsedTime(began));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
        _wake.Dispose();
    }
}


/// <summary>A pool with its number, and whether asking for work is worth a write.</summary>
internal sealed class ClaimablePool(long number, Pool pool, DataClass data)
{
    private volatile bool _mayHaveWork = true;

    public long Number => number;

    public Pool Pool => pool;

    public DataClass Data => data;

    public bool MayHaveWork
    {
        get => _mayHaveWork;
        set => _mayHaveWork = value;
    }
}

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
internal sealed class Claimer(Database database, Pools pools, NodeLease lease, WorkReader reader, JobRunner runner, AttemptEnds ends, RunningJobs running, NodeDuty duty, TenantTerms tenants, AttemptCosts costs, JobNews news, ILogger<Claimer> logger) : IAsyncDisposable
{
    // More in one write gains nothing, and would hold the writer for others.
    private const int ClaimLimit = 200;
    private static readonly TimeSpan Backstop = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<long, ClaimablePool> _pools = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    public void Start()
    {
        _loop = LoopAsync();
        // What was accepted while nobody worked waits already.
        Wake();
    }

    /// <summary>From now on jobs of this version are claimed here, if that is this node's duty. Sync and stream calls bring their own slot and are never claimed; what workers do, they claim.</summary>
    public void Serve(RegisteredVersion version)
    {
        if (version.Version is { Contract.Mode: Mode.Sync or Mode.Stream } or { Handler: WorkerDefinition } || !duty.Claims(version.Version) || _pools.ContainsKey(version.Pool)) return;
        var claimable = new ClaimablePool(version.Pool, pools.ForJobs(version), version.Version.Contract.Data);
        if (!_pools.TryAdd(version.Pool, claimable)) return;
        claimable.Pool.Freed = () =>
        {
            if (claimable.MayHaveWork) Wake();
        };
    }

    /// <summary>Whether jobs of the pool are claimed here.</summary>
    public bool Serves(long pool) => _pools.ContainsKey(pool);

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
        // Claiming and reading hold the slots, too: what a job takes of its pool begins here.
        var entered = database.Time.GetTimestamp();
        pool.MayHaveWork = false;
        IReadOnlyList<ClaimedJob> claimed = [];
        try
        {
            claimed = await database.WriteAsync(new ClaimJobs(pool.Number, lease.Number, lease.Node, pool.Data, slots, database.Now)
            {
                Cluster = pool.Pool.Cluster,
                RunningLimit = tenants.AnyLimits ? tenants.RunningOf : null,
                Weight = tenants.WeightOf,
            }).ConfigureAwait(false);
        }
        finally
        {
            if (claimed.Count == slots) pool.MayHaveWork = true;
            pool.Pool.LeaveUnused(slots - claimed.Count);
        }
        if (claimed.Count == 0) return;
        running.Claimed([.. claimed.Select(job => job.Fence)]);
        // What is cancelled from here on finds it noted as claimed; what was before is seen in the read.
        foreach (var row in await FindAsync(pool.Pool, claimed).ConfigureAwait(false))
        {
            if (row.IsHeld) _ = RunAsync(pool, row, entered);
            else Leave(pool.Pool, row.Claimed);
        }
        if (pool.MayHaveWork) Wake();
    }

    // What was claimed and cannot be read must not stay claimed by a node that is alive. Together first, then one by one: a bad row hurts only itself.
    private async ValueTask<IReadOnlyList<WorkRow>> FindAsync(Pool pool, IReadOnlyList<ClaimedJob> claimed)
    {
        try
        {
            return await reader.FindAsync(claimed).ConfigureAwait(false);
        }
        catch (StorageException error)
        {
            if (claimed.Count == 1)
            {
                _ = GiveUpAsync(pool, claimed[0], error);
                return [];
            }
            var rows = new List<WorkRow>(claimed.Count);
            foreach (var job in claimed) rows.AddRange(await FindAsync(pool, [job]).ConfigureAwait(false));
            return rows;
        }
    }

    private async Task GiveUpAsync(Pool pool, ClaimedJob job, StorageException error)
    {
        await SetAsideAsync(job, error).ConfigureAwait(false);
        Leave(pool, job);
    }

    private void Leave(Pool pool, ClaimedJob job)
    {
        running.Settled(job.Fence);
        pool.Leave();
    }

    // Trouble of the disk is no crash of the job; a row that is damaged, or has no input, would never run and ends as poison.
    private Task SetAsideAsync(ClaimedJob job, Exception error)
    {
        logger.LogError(error, "{Job} could not be run", job.Fence.Job);
        return error is StorageException { MayPass: true } ? ends.HandBackAsync(job) : ends.TakeBackAsync(job.Fence);
    }

    private async Task RunAsync(ClaimablePool claimable, WorkRow row, long entered)
    {
        var pool = claimable.Pool;
        var job = row.Claimed;
        var ended = Task.CompletedTask;
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
            running.Settled(job.Fence);
        }
        await ended.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        var took = database.Time.GetElapsedTime(entered);
        costs.Note(claimable.Number, row.Tenant, took, pool.Pace);
        pool.Leave(took);
        // What was counted may be what others wait for: of the tenant in any pool, of the pool on any node.
        if (tenants.RunningOf(row.Tenant) is not null) news.Freed(claimable.Number, row.Tenant);
        else if (pool.Cluster is not null) news.Freed(claimable.Number, null);
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

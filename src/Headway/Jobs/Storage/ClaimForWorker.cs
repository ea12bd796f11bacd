using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>Claims jobs for a worker, of several pools, in one write. Null: its lease is lost.</summary>
/// <remarks>
/// Invariant: workers never hold more jobs of a pool than its concurrency, on however many nodes they claim. Whoever claims from a pool counts under the
/// claim on that pool, which the writes of other nodes wait for. It changes no lease (<see cref="SignOn"/>).
/// </remarks>
internal sealed class ClaimForWorker(string worker, long lease, IReadOnlyList<WantedPool> pools, int limit, long now) : Write<IReadOnlyList<ClaimedJob>?>
{
    private static readonly Sql Alive = Sql.At("Jobs/Storage/IsAlive");
    private static readonly Sql SetUntil = Sql.At("Jobs/Storage/SetUntil");

    /// <summary>How many jobs of a tenant may run; null: nobody has limits.</summary>
    public Func<string, int?>? RunningLimit { get; init; }

    /// <summary>Only its jobs; null: those of all.</summary>
    public string? Tenant { get; init; }

    /// <summary>Of a tenant.</summary>
    public Func<string, int> Weight { get; init; } = static _ => 1;

    internal override IReadOnlyList<Claim> Claims =>
    [
        .. pools.Select(pool => new Claim("jobs of workers", pool.Version.Pool, OnEveryNode: true)),
        .. RunningLimit is null ? Array.Empty<Claim>() : [ClaimJobs.OfTenants],
    ];

    internal override bool FindsItsJobs => true;

    internal override Writer Writer => Writer.Claims;

    protected override async ValueTask<IReadOnlyList<ClaimedJob>?> ApplyAsync(Session session)
    {
        using (var alive = session.Use(Alive).Bind(1, lease))
        {
            if (!await alive.StepAsync().ConfigureAwait(false)) return null;
        }
        var claimed = new List<ClaimedJob>();
        foreach (var pool in pools)
        {
            var room = Math.Min(pool.Concurrency - await WorkerPools.HeldAsync(session, pool.Version.Pool).ConfigureAwait(false), limit - claimed.Count);
            if (room <= 0) continue;
            var some = await new ClaimJobs(pool.Version.Pool, lease, worker, pool.Version.Version.Contract.Data, room, now) { RunningLimit = RunningLimit, Weight = Weight, Tenant = Tenant }.WithinAsync(session).ConfigureAwait(false);
            // At once, so that they are known as a worker's even if nobody comes to read them back.
            foreach (var job in some) session.Use(SetUntil).Bind(1, now + pool.Milliseconds).Bind(2, job.Fence.Job).Bind(3, lease).Bind(4, job.Fence.Attempt).Send();
            claimed.AddRange(some);
        }
        return claimed;
    }
}

/// <summary>A pool that a worker claims from.</summary>
internal sealed record WantedPool(RegisteredVersion Version)
{
    public int Concurrency => Math.Min(Version.Version.Pool.Concurrency, Version.Version.Pool.Cluster ?? int.MaxValue);

    /// <summary>Of an attempt at most.</summary>
    public long Milliseconds => (long)Version.Version.Timeout.TotalMilliseconds;
}

/// <summary>What the database says of pools that workers claim from.</summary>
internal static class WorkerPools
{
    private static readonly Sql Count = Sql.At("Jobs/Storage/CountHanded");
    private static readonly Sql Any = Sql.At("Jobs/Storage/AnyWorker");
    private static readonly Sql Running = Sql.At("Jobs/Storage/CountRunningOf");
    private static readonly Sql AnyFor = Sql.At("Jobs/Storage/AnyReadyFor");

    public static string Listed(IReadOnlyList<WantedPool> pools) => $",{string.Join(',', pools.Select(pool => pool.Version.Pool))},";

    /// <summary>How many jobs of the pool workers hold.</summary>
    public static async ValueTask<int> HeldAsync(Session session, long pool)
    {
        using var count = session.Use(Count).Bind(1, pool);
        await count.StepAsync().ConfigureAwait(false);
        return count.Int32(0);
    }

    private static async ValueTask<int> RunningOfAsync(Session session, string tenant)
    {
        using var count = session.Use(Running).Bind(1, tenant);
        await count.StepAsync().ConfigureAwait(false);
        return count.Int32(0);
    }

    /// <summary>Whether a worker that claims from the pool is alive.</summary>
    public static async ValueTask<bool> IsServedAsync(Session session, long pool, long now)
    {
        using var any = session.Use(Any).Bind(1, now).Bind(2, FormattableString.Invariant($",{pool},"));
        return await any.StepAsync().ConfigureAwait(false);
    }

    /// <summary>Whether a claim would find something.</summary>
    /// <param name="tenant">Whose jobs alone it may find; null: those of all.</param>
    /// <param name="running">How many of that tenant's jobs may run; null: as many as there is room for.</param>
    public static async ValueTask<bool> HasWorkAsync(Session session, WantedPool pool, string? tenant, int? running)
    {
        if (!await AnyAsync(session, pool.Version.Pool, tenant, running).ConfigureAwait(false)) return false;
        return await HeldAsync(session, pool.Version.Pool).ConfigureAwait(false) < pool.Concurrency;
    }

    private static async ValueTask<bool> AnyAsync(Session session, long pool, string? tenant, int? running)
    {
        if (tenant is null) return (await QueueFront.ReadAsync(session, pool).ConfigureAwait(false)).IsBefore(long.MaxValue);
        using (var any = session.Use(AnyFor).Bind(1, pool).Bind(2, tenant))
        {
            await any.StepAsync().ConfigureAwait(false);
            // What came before the tenant had a limit counts for none.
            if (any.Int64(0) == 1) return true;
            if (any.Int64(1) == 0) return false;
        }
        return running is not { } most || await RunningOfAsync(session, tenant).ConfigureAwait(false) < most;
    }
}

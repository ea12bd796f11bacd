using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>Forgets what was charged to tenants whose turns are past, so that the table is as long as what is under way and not as all who ever came.</summary>
/// <remarks>
/// Invariant: no tenant's next turn begins anywhere else than it would have. Where all turns of a tenant in a pool have ended before the pool's time, its next one begins at that time with its rows or without them:
/// what is charged to a lane is read together with its base, and only their sum counts. A charge for an attempt that still runs comes without a base, so of a pool that is in use only what is further back goes
/// than such charges reach. Of a pool of which nothing is under way the time itself is moved to where the turns end: nobody is there whom that could delay.
///
/// All lanes of a tenant go together, and while nobody has read some of them and not yet charged by what he read: his base would stand on charges that are gone, and give turns twice. On PostgreSQL that takes
/// a lock of the whole table. It is the first that this transaction asks for and the only one that it waits for, and it gives up soon, because others wait behind it.
/// </remarks>
/// <param name="tenants">Whose turns were found past, or to end in a pool that nobody uses.</param>
/// <param name="unused">Pools of which nothing runs.</param>
internal sealed class PruneTurns(IReadOnlyList<TenantInPool> tenants, IReadOnlyCollection<long> unused) : Write<int>
{
    // What ten attempts can be charged beyond a turn each.
    private const long Margin = 1_000 * Turns.Whole;

    private static readonly Sql Hurry = Sql.Of("hurry", "SET LOCAL lock_timeout = 50");
    private static readonly Sql Lock = Sql.At("Jobs/Storage/LockTurns");
    private static readonly Sql Waits = Sql.At("Jobs/Storage/AnyWaits");
    private static readonly Sql Forget = Sql.At("Jobs/Storage/ForgetTurns");

    internal override Writer Writer => Writer.Upkeep;

    /// <summary>Whether nobody can tell any more that the tenant ever had turns.</summary>
    public static bool IsPast(long end, long now, bool isUnused) => end <= now - (isUnused ? 0 : Margin);

    protected override async ValueTask<int> ApplyAsync(Session session)
    {
        if (session.Dialect is SqlDialect.Postgres) session.Use(Hurry).Send();
        session.Use(Lock).Send();
        var idle = new HashSet<long>();
        foreach (var pool in unused)
        {
            if (!await AnyWaitsAsync(session, pool).ConfigureAwait(false)) idle.Add(pool);
        }
        var ends = await EndsAsync(session, tenants).ConfigureAwait(false);
        foreach (var pool in tenants.Zip(ends).Where(found => idle.Contains(found.First.Pool)).GroupBy(found => found.First.Pool, found => found.Second.End)) Turns.Advance(session, pool.Key, pool.Max());
        // Once more, because a pool whose time somebody else is moving is left as it is.
        if (idle.Count > 0) ends = await EndsAsync(session, tenants).ConfigureAwait(false);
        var past = tenants.Where((tenant, i) => IsPast(ends[i].End, ends[i].Now, idle.Contains(tenant.Pool))).ToList();
        foreach (var tenant in past) session.Use(Forget).Bind(1, tenant.Pool).Bind(2, tenant.Tenant).Send();
        return past.Count;
    }

    public static async ValueTask<bool> AnyWaitsAsync(Session session, long pool)
    {
        using var waits = session.Use(Waits).Bind(1, pool);
        await waits.StepAsync().ConfigureAwait(false);
        return waits.Int64(0) == 1;
    }

    private static ValueTask<IReadOnlyList<(long Now, long End)>> EndsAsync(Session session, IReadOnlyList<TenantInPool> tenants) =>
        session.EachAsync(tenants, tenant => Turns.EndAsync(session, tenant.Pool, tenant.Tenant));
}

/// <summary>Forgets where tenants with limits go on of which nothing waits any more: what comes now is not behind.</summary>
internal sealed class PruneGates(IReadOnlyList<TenantInPool> tenants) : Write<int>
{
    private static readonly Sql Forget = Sql.At("Jobs/Storage/ForgetGate");

    // Whoever claims reads these notes, and moves them by what he read.
    internal override IReadOnlyList<Claim> Claims => [ClaimJobs.OfTenants];

    internal override Writer Writer => Writer.Upkeep;

    protected override async ValueTask<int> ApplyAsync(Session session)
    {
        var gone = await session.EachAsync(tenants, async tenant => await session.Use(Forget).Bind(1, tenant.Pool).Bind(2, tenant.Tenant).ExecuteAsync().ConfigureAwait(false)).ConfigureAwait(false);
        return gone.Sum();
    }
}

/// <summary>A tenant in a pool.</summary>
internal readonly record struct TenantInPool(long Pool, string Tenant)
{
    /// <summary>Before all of them.</summary>
    public static readonly TenantInPool First = new(0, "");
}

/// <summary>What the database says of tenants' turns, some tenants at a time.</summary>
internal static class KeptTurns
{
    private static readonly Sql TurnsFrom = Sql.At("Jobs/Storage/FindTurnsFrom");
    private static readonly Sql GatesFrom = Sql.At("Jobs/Storage/FindGatesFrom");
    private static readonly Sql Running = Sql.At("Jobs/Storage/RunningPools");

    /// <summary>The next tenants after one of them, with the end of the turns of each and its pool's time.</summary>
    public static async ValueTask<IReadOnlyList<(TenantInPool Tenant, long End, long Now)>> AfterAsync(Session session, TenantInPool after, int limit)
    {
        var found = new List<(TenantInPool, long, long)>();
        using var find = session.Use(TurnsFrom).Bind(1, after.Pool).Bind(2, after.Tenant).Bind(3, limit);
        while (await find.StepAsync().ConfigureAwait(false)) found.Add((new TenantInPool(find.Int64(0), find.Text(1)!), find.Int64(2), find.Int64(3)));
        return found;
    }

    /// <summary>The next tenants with limits after one of them, and whether something of each waits.</summary>
    public static async ValueTask<IReadOnlyList<(TenantInPool Tenant, bool Waits)>> GatesAfterAsync(Session session, TenantInPool after, int limit)
    {
        var found = new List<(TenantInPool, bool)>();
        using var find = session.Use(GatesFrom).Bind(1, after.Pool).Bind(2, after.Tenant).Bind(3, limit);
        while (await find.StepAsync().ConfigureAwait(false)) found.Add((new TenantInPool(find.Int64(0), find.Text(1)!), find.Int64(2) == 1));
        return found;
    }

    /// <summary>Those of the pools of which nothing is under way.</summary>
    public static async ValueTask<IReadOnlyList<long>> UnusedAsync(Session session, IReadOnlyList<long> pools)
    {
        var quiet = new List<long>();
        foreach (var pool in pools)
        {
            if (!await PruneTurns.AnyWaitsAsync(session, pool).ConfigureAwait(false)) quiet.Add(pool);
        }
        if (quiet.Count == 0) return quiet;
        using var running = session.Use(Running);
        while (await running.StepAsync().ConfigureAwait(false)) quiet.Remove(running.Int64(0));
        return quiet;
    }
}

using Headway.Audit;
using Headway.Features;
using Headway.Jobs.Running;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>Claims the next jobs of a pool for a lease, and says so in the audit trail.</summary>
/// <remarks>
/// Invariant: no more jobs of a tenant run than its limit says, and none of a pool than its cluster may, on however many nodes: who claims under such a
/// bound holds a lock that all who do so hold, counts what runs, and what a dead node holds counts until its lease is rescued.
/// </remarks>
internal sealed class ClaimJobs(long pool, long lease, string node, DataClass data, int limit, long now) : Write<IReadOnlyList<ClaimedJob>>
{
    private static readonly Sql Next = Sql.At("Jobs/Storage/ClaimJobs");
    private static readonly Sql NextOf = Sql.At("Jobs/Storage/ClaimJobsOf");
    private static readonly Sql Started = Sql.At("Jobs/Storage/AuditStarted");
    private static readonly Sql Running = Sql.At("Jobs/Storage/CountRunning");

    /// <summary>How many jobs of the pool may run on all nodes together; null: as many as their pools have slots.</summary>
    public int? Cluster { get; init; }

    /// <summary>How many jobs of a tenant may run; null: nobody has limits.</summary>
    public Func<string, int?>? RunningLimit { get; init; }

    /// <summary>Only its jobs; null: those of all.</summary>
    public string? Tenant { get; init; }

    /// <summary>Of a tenant.</summary>
    public Func<string, int> Weight { get; init; } = static _ => 1;

    /// <summary>What whoever counts the running jobs of tenants decides about.</summary>
    public static Claim OfTenants => new("running", "tenants", OnEveryNode: true);

    internal override IReadOnlyList<Claim> Claims =>
    [
        .. Cluster is null ? Array.Empty<Claim>() : [new Claim("running in pool", pool, OnEveryNode: true)],
        .. RunningLimit is null ? Array.Empty<Claim>() : [OfTenants],
    ];

    internal override bool FindsItsJobs => true;

    internal override Writer Writer => Writer.Claims;

    protected override async ValueTask<IReadOnlyList<ClaimedJob>> ApplyAsync(Session session)
    {
        var room = Cluster is { } most ? Math.Min(limit, most - await CountRunningAsync(session).ConfigureAwait(false)) : limit;
        if (room <= 0) return [];
        var (claimed, rank) = RunningLimit is null ? await ClaimNextAsync(session, room).ConfigureAwait(false) : await new GatedClaim(pool, lease, now, RunningLimit, Weight) { Tenant = Tenant }.ClaimAsync(session, room).ConfigureAwait(false);
        if (claimed.Count == 0) return claimed;
        Turns.Advance(session, pool, rank);
        // On PostgreSQL the statement that claims the next ones tells of it, too.
        if (RunningLimit is not null || session.Dialect is SqlDialect.Sqlite) await TellAsync(session, claimed).ConfigureAwait(false);
        return claimed;
    }

    private async ValueTask TellAsync(Session session, List<ClaimedJob> claimed)
    {
        var ids = await session.EachAsync(claimed, job => AuditTrail.NextIdAsync(session, job.Fence.Job, now)).ConfigureAwait(false);
        for (var i = 0; i < claimed.Count; i++) session.Use(Started).Bind(1, ids[i]).Bind(2, (long)data).Bind(3, node).Bind(4, claimed[i].Fence.Job).Send();
    }

    private async ValueTask<int> CountRunningAsync(Session session)
    {
        using var count = session.Use(Running).Bind(1, pool);
        await count.StepAsync().ConfigureAwait(false);
        return count.Int32(0);
    }

    private async ValueTask<(List<ClaimedJob> Claimed, long Rank)> ClaimNextAsync(Session session, int room)
    {
        var (claimed, rank) = (new List<ClaimedJob>(), long.MinValue);
        using var claim = Tenant is null ? session.Use(Next).Bind(1, lease).Bind(2, now).Bind(3, pool).Bind(4, room) : session.Use(NextOf).Bind(1, lease).Bind(2, now).Bind(3, pool).Bind(4, Tenant).Bind(5, room);
        var told = Tenant is null ? 5 : 6;
        if (session.Dialect is SqlDialect.Postgres) claim.Bind(told, (long)data).Bind(told + 1, node);
        while (await claim.StepAsync().ConfigureAwait(false))
        {
            claimed.Add(new ClaimedJob(new Fence(claim.JobId(0), lease, claim.Int32(1)), claim.Int32(2), claim.Int32(3), now) { Tally = Tally.Read(claim.Text(5)) });
            rank = Math.Max(rank, claim.Int64(4));
        }
        return (claimed, rank);
    }
}

/// <summary>A job this node holds.</summary>
/// <param name="Started">When it was claimed, in milliseconds since 1970.</param>
internal sealed record ClaimedJob(Fence Fence, int Failures, int Crashes, long Started)
{
    public Tally Tally { get; init; }
}

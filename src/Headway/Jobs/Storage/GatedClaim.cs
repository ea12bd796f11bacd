using Headway.Jobs.Running;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>Claims where tenants have limits: the next jobs of those without, and of each other as many as its limit leaves, together in their order.</summary>
/// <remarks>It looks at each tenant with limits that has something to claim in the pool, and at no more of its jobs than may be claimed: a tenant at its limit costs one look, however much of it waits.
/// What was held back has turns that others took meanwhile, and would now come before everything. So a tenant that is found at its limit goes on from the pool's
/// time, one turn after the other, whatever its jobs were given. Kept in the database, because that holds for the claims of all nodes together.</remarks>
/// <param name="weight">Of a tenant.</param>
internal sealed class GatedClaim(long pool, long lease, long now, Func<string, int?> limits, Func<string, int> weight)
{
    private static readonly Sql Gates = Sql.At("Jobs/Storage/FindGates");
    private static readonly Sql Ready = Sql.At("Jobs/Storage/FindReady");
    private static readonly Sql ReadyFor = Sql.At("Jobs/Storage/FindReadyFor");
    private static readonly Sql ReadyOf = Sql.At("Jobs/Storage/FindReadyOf");
    private static readonly Sql Claim = Sql.At("Jobs/Storage/ClaimJob");
    private static readonly Sql Move = Sql.At("Jobs/Storage/MoveGate");

    // So much of the turns that others took a tenant may keep: else each claim would write a row for each tenant at its limit.
    private const long Kept = 10 * Turns.Whole;

    /// <summary>Only its jobs; null: those of all.</summary>
    public string? Tenant { get; init; }

    private readonly record struct Found(JobId Job, long Rank);

    /// <param name="From">The turn it goes on from.</param>
    private readonly record struct Gate(string Tenant, int Free, long From);

    /// <param name="Turn">When it is its turn.</param>
    /// <param name="Moved">The tenant's, if that is later than the job was given.</param>
    private readonly record struct Candidate(JobId Job, long Turn, string? Moved);

    /// <returns>What was claimed, and the highest rank among it.</returns>
    public async ValueTask<(List<ClaimedJob> Claimed, long Rank)> ClaimAsync(Session session, int room)
    {
        var open = await OpenAsync(session, room).ConfigureAwait(false);
        var found = await FindAsync(Tenant is null ? session.Use(Ready).Bind(1, pool).Bind(2, room) : session.Use(ReadyFor).Bind(1, pool).Bind(2, Tenant).Bind(3, room)).ConfigureAwait(false);
        var behind = await session.EachAsync(open, gate => FindAsync(session.Use(ReadyOf).Bind(1, pool).Bind(2, gate.Tenant).Bind(3, gate.Free))).ConfigureAwait(false);
        var next = found.Select(job => new Candidate(job.Job, job.Rank, null))
            .Concat(open.Zip(behind).SelectMany(gate => gate.Second.Select((job, i) => InTurn(gate.First, job, i))))
            .OrderBy(job => job.Turn).Take(room).ToList();
        var claims = await session.EachAsync(next, job => ClaimAsync(session, job.Job)).ConfigureAwait(false);
        var claimed = claims.OfType<ClaimedJob>().ToList();
        if (claimed.Count == 0) return (claimed, long.MinValue);
        foreach (var moved in next.Where(job => job.Moved is not null).GroupBy(job => job.Moved!)) GoOnFrom(session, moved.Key, moved.Max(job => job.Turn) + Turns.Charge(weight(moved.Key)));
        return (claimed, next[^1].Turn);
    }

    private Candidate InTurn(Gate gate, Found job, int number)
    {
        var turn = gate.From + (number * Turns.Charge(weight(gate.Tenant)));
        return turn > job.Rank ? new Candidate(job.Job, turn, gate.Tenant) : new Candidate(job.Job, job.Rank, null);
    }

    private void GoOnFrom(Session session, string tenant, long turn) => session.Use(Move).Bind(1, pool).Bind(2, tenant).Bind(3, turn).Send();

    // Read to the end before the next statement: a tenant's jobs that are claimed in between would be counted for it.
    private async ValueTask<List<Gate>> OpenAsync(Session session, int room)
    {
        var (open, held, time) = (new List<Gate>(), new List<string>(), 0L);
        using (var gates = session.Use(Gates).Bind(1, pool))
        {
            while (await gates.StepAsync().ConfigureAwait(false))
            {
                var (tenant, runs, from) = (gates.Text(0)!, gates.Int32(1), gates.Int64OrNull(3) ?? long.MinValue / 4);
                time = gates.Int64(2);
                var free = limits(tenant) is { } most ? Math.Min(room, most - runs) : room;
                if (Tenant is not null && tenant != Tenant) continue;
                if (free > 0) open.Add(new Gate(tenant, free, from));
                else if (from < time - Kept) held.Add(tenant);
            }
        }
        foreach (var tenant in held) GoOnFrom(session, tenant, time);
        return open;
    }

    private static async ValueTask<List<Found>> FindAsync(Statement asked)
    {
        var jobs = new List<Found>();
        using var find = asked;
        while (await find.StepAsync().ConfigureAwait(false)) jobs.Add(new Found(find.JobId(0), find.Int64(1)));
        return jobs;
    }

    /// <summary>Null: the lease has run out.</summary>
    private async ValueTask<ClaimedJob?> ClaimAsync(Session session, JobId job)
    {
        using var claim = session.Use(Claim).Bind(1, lease).Bind(2, now).Bind(3, job);
        return await claim.StepAsync().ConfigureAwait(false) ? new ClaimedJob(new Fence(job, lease, claim.Int32(0)), claim.Int32(1), claim.Int32(2), now) { Tally = Tally.Read(claim.Text(3)) } : null;
    }
}

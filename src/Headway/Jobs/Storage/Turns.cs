using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>Whose turn it is: start-time fair queueing with what is kept in the rows of `pools` and `turns`, so that a claim is a walk along an index.</summary>
/// <remarks>
/// A pool's time stands at the rank of what was claimed last. A job's turn begins at that time, or where the turns end that its tenant has taken already,
/// whichever is later, and lasts as long as the tenant's weight says: so tenants that wait share the pool by weight, and one that was idle has saved up
/// nothing. Its rank is that turn, moved by its priority. Invariant: a rank is given once for each time a job comes to the queue, and never changes while
/// it waits there; what an attempt really took is charged to the tenant's later turns.
///
/// A tenant has a lane for each priority. What is charged to a lane delays those below it, too, so an urgent job passes its tenant's backlog and is paid for
/// by what the tenant asks for later. See docs/decisions/0014-turns-by-virtual-time.md.
/// </remarks>
internal static class Turns
{
    /// <summary>How long the turn of a tenant of weight 1 lasts.</summary>
    public const long Whole = 1_000_000;

    /// <summary>What comes back (a retry, a replay) takes its turn among what comes back of its tenant: neither behind the tenant's backlog nor before others.</summary>
    public const int ComingBack = 10;

    // One step of priority is worth ten turns: a head start that is bounded, so that nothing starves.
    private const long HeadStart = 10 * Whole;

    private static readonly Sql Read = Sql.At("Jobs/Storage/ReadTurn");
    private static readonly Sql Charging = Sql.At("Jobs/Storage/ChargeTurn");
    private static readonly Sql Advancing = Sql.At("Jobs/Storage/AdvancePool");
    private static readonly Sql Owner = Sql.At("Jobs/Storage/FindOwner");
    private static readonly Sql Rank = Sql.At("Jobs/Storage/SetRank");

    /// <summary>What a priority adds to a turn.</summary>
    public static long Behind(int priority) => (5 - priority) * HeadStart;

    /// <summary>What one attempt is charged.</summary>
    public static long Charge(int weight) => Whole / weight;

    /// <summary>Where the next turn of a tenant begins.</summary>
    public static async ValueTask<Standing> ReadAsync(Session session, long pool, string tenant, int lane)
    {
        var (now, charged, finish) = await SumAsync(session, pool, tenant, lane).ConfigureAwait(false);
        var start = Math.Max(now, finish ?? now);
        return new Standing(start, start - charged);
    }

    /// <summary>The pool's time, and where all turns of a tenant end in it.</summary>
    public static async ValueTask<(long Now, long End)> EndAsync(Session session, long pool, string tenant)
    {
        var (now, _, finish) = await SumAsync(session, pool, tenant, 0).ConfigureAwait(false);
        return (now, finish ?? long.MinValue);
    }

    private static async ValueTask<(long Now, long Charged, long? Finish)> SumAsync(Session session, long pool, string tenant, int lane)
    {
        long now = 0, charged = 0;
        long? finish = null;
        using var read = session.Use(Read).Bind(1, tenant).Bind(2, lane).Bind(3, pool);
        while (await read.StepAsync().ConfigureAwait(false))
        {
            now = read.Int64(0);
            if (read.IsNull(1)) break;
            charged += read.Int64(3);
            finish = Math.Max(finish ?? long.MinValue, read.Int64(2) + charged);
        }
        return (now, charged, finish);
    }

    /// <param name="from">The base that was found with the turns that are charged; null: they are charged to what the tenant has taken already.</param>
    public static void Charge(Session session, long pool, string tenant, int lane, long? from, long charge) =>
        session.Use(Charging).Bind(1, pool).Bind(2, tenant).Bind(3, lane).Bind(4, from ?? Forgotten).Bind(5, charge).Send();

    /// <summary>Gives back a turn that is not taken. In the job's own lane: given back in one above, it would count for lanes that were never charged. So one that came back gives less than it took.</summary>
    public static void GiveBack(Session session, long pool, string tenant, int priority, int weight) => Charge(session, pool, tenant, priority, null, -Charge(weight));

    // A lane that nobody has used yet: whatever the pool's time is, it is later.
    private const long Forgotten = long.MinValue / 4;

    /// <summary>A job of this rank was claimed.</summary>
    public static void Advance(Session session, long pool, long rank) => session.Use(Advancing).Bind(1, rank).Bind(2, pool).Send();

    /// <summary>Gives jobs that have just come to the queue their turns.</summary>
    /// <param name="weight">Of a tenant.</param>
    public static async ValueTask TakeAsync(Session session, IReadOnlyList<Arrival> arrivals, Func<string, int> weight)
    {
        var owners = await session.EachAsync(arrivals, arrival => FindOwnerAsync(session, arrival.Job)).ConfigureAwait(false);
        var flows = arrivals.Zip(owners).GroupBy(arrived => (arrived.First.Pool, arrived.Second.Tenant, Lane: arrived.First.ComesBack ? ComingBack : arrived.Second.Priority)).ToList();
        var standings = await session.EachAsync(flows, flow => ReadAsync(session, flow.Key.Pool, flow.Key.Tenant, flow.Key.Lane)).ConfigureAwait(false);
        foreach (var (flow, standing) in flows.Zip(standings))
        {
            var (charge, start) = (Charge(weight(flow.Key.Tenant)), standing.Start);
            foreach (var (arrival, owner) in flow)
            {
                session.Use(Rank).Bind(1, start + Behind(owner.Priority)).Bind(2, arrival.Job).Send();
                start += charge;
            }
            Charge(session, flow.Key.Pool, flow.Key.Tenant, flow.Key.Lane, standing.Base, start - standing.Start);
        }
    }

    private static async ValueTask<(string Tenant, int Priority)> FindOwnerAsync(Session session, JobId job)
    {
        using var owner = session.Use(Owner).Bind(1, job);
        return await owner.StepAsync().ConfigureAwait(false) ? (owner.Text(0)!, owner.Int32(1)) : ("", 5);
    }
}

/// <summary>Where a tenant stands in a lane of a pool.</summary>
/// <param name="Start">When its next turn begins.</param>
/// <param name="Base">What must stand in the lane so that its turns go on from there.</param>
internal readonly record struct Standing(long Start, long Base);

/// <summary>A job that comes to a pool's queue, by its time or again.</summary>
/// <param name="ComesBack">It had its turn already: a retry, a replay.</param>
internal readonly record struct Arrival(JobId Job, long Pool, bool ComesBack)
{
    /// <summary>Of a statement that gives pool, job and attempt of what it brought to the queue.</summary>
    public static async ValueTask<List<Arrival>> ReadAsync(Statement brought)
    {
        var arrivals = new List<Arrival>();
        using (brought)
        {
            while (await brought.StepAsync().ConfigureAwait(false)) arrivals.Add(new Arrival(brought.JobId(1), brought.Int64(0), brought.Int64(2) > 0));
        }
        return arrivals;
    }
}

/// <summary>Charges tenants what their attempts took beyond a turn, or gives back what they took less.</summary>
internal sealed class ChargeTurns(IReadOnlyList<(long Pool, string Tenant, long Charge)> charges) : Write<bool>
{
    protected override ValueTask<bool> ApplyAsync(Session session)
    {
        // In the highest lane, which counts for all of them.
        foreach (var (pool, tenant, charge) in charges) Turns.Charge(session, pool, tenant, Turns.ComingBack, null, charge);
        return ValueTask.FromResult(true);
    }
}

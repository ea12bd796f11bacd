using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>Makes jobs claimable whose time has come, scheduled ones or those that wait, and gives them their turns; returns the pools that got any.</summary>
/// <param name="weight">Of a tenant.</param>
internal sealed class PromoteDue(long now, int limit, Func<string, int> weight) : Write<IReadOnlyList<long>>
{
    private static readonly Sql Promote = Sql.At("Jobs/Storage/PromoteDue");
    private static readonly Sql Wake = Sql.At("Jobs/Waiting/WakeDue");

    /// <summary>Those that wait for something: their waiting has an end that has come.</summary>
    public bool Waiting { get; init; }

    internal override Writer Writer => Writer.Upkeep;

    protected override async ValueTask<IReadOnlyList<long>> ApplyAsync(Session session)
    {
        var arrivals = await Arrival.ReadAsync(session.Use(Waiting ? Wake : Promote).Bind(1, now).Bind(2, limit)).ConfigureAwait(false);
        await Turns.TakeAsync(session, arrivals, weight).ConfigureAwait(false);
        return arrivals.ConvertAll(arrival => arrival.Pool);
    }
}

/// <summary>Opens the gates of some jobs, where nobody has limits any more; returns the pool of each.</summary>
/// <remarks>
/// What was held back has turns that others took meanwhile, and would come before everything, all of it. Until now the note of its tenant said from where it goes on (<see cref="GatedClaim"/>); as nobody asks for that any more, it
/// takes new turns, in the order of the old ones.
/// </remarks>
/// <param name="weight">Of a tenant.</param>
internal sealed class OpenGates(int limit, Func<string, int> weight) : Write<IReadOnlyList<long>>
{
    private static readonly Sql Find = Sql.At("Jobs/Storage/FindGated");
    private static readonly Sql OpenOne = Sql.At("Jobs/Storage/OpenGate");
    private static readonly Sql Open = Sql.At("Jobs/Storage/OpenGates");

    internal override Writer Writer => Writer.Upkeep;

    protected override async ValueTask<IReadOnlyList<long>> ApplyAsync(Session session)
    {
        var (pools, behind) = (new List<long>(), new List<Arrival>());
        var waiting = new List<JobId>();
        using (var find = session.Use(Find).Bind(1, limit))
        {
            while (await find.StepAsync().ConfigureAwait(false))
            {
                waiting.Add(find.JobId(0));
                pools.Add(find.Int64(1));
                if (find.Int64(2) == 1) behind.Add(new Arrival(waiting[^1], pools[^1], ComesBack: false));
            }
        }
        foreach (var job in waiting) session.Use(OpenOne).Bind(1, job).Send();
        await Turns.TakeAsync(session, behind, weight).ConfigureAwait(false);
        if (waiting.Count == limit) return pools;
        // The rest waits for its time, or runs.
        using var open = session.Use(Open).Bind(1, limit - waiting.Count);
        while (await open.StepAsync().ConfigureAwait(false)) pools.Add(open.Int64(0));
        return pools;
    }
}

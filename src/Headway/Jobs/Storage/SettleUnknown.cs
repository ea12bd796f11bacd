using Headway.Budgets;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>Settles what is still held for jobs that ended over the head of an attempt which never told what it spent.</summary>
/// <param name="endedBefore">Only jobs that ended before this, in milliseconds since 1970: an attempt that was told to stop may still report.</param>
internal sealed class SettleUnknown(long endedBefore, int limit, long now) : Write<int>
{
    private static readonly Sql Find = Sql.At("Jobs/Storage/FindUnsettled");

    internal override Writer Writer => Writer.Upkeep;

    protected override async ValueTask<int> ApplyAsync(Session session)
    {
        var owners = new List<JobId>();
        using (var find = session.Use(Find).Bind(1, endedBefore).Bind(2, limit))
        {
            while (await find.StepAsync().ConfigureAwait(false)) owners.Add(find.JobId(0));
        }
        foreach (var owner in owners)
        {
            await JobWrites.SpendUnknownAsync(session, owner, attempt: 0, now).ConfigureAwait(false);
            await Ledger.SettleAsync(session, owner, 0).ConfigureAwait(false);
        }
        return owners.Count;
    }
}

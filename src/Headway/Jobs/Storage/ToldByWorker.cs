using System.Globalization;
using Headway.Budgets;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>That a worker tells what its attempt spent and disclosed: counted once for each attempt, and spent also where nothing is held back for the job.</summary>
/// <param name="Limits">The budgets that it counts against, as they are now.</param>
/// <param name="Nano">What was spent, in billionths of a US dollar.</param>
internal sealed record ToldByWorker(IReadOnlyList<BudgetLimit> Limits, long Nano)
{
    private static readonly Sql Mark = Sql.At("Jobs/Storage/MarkTold");

    /// <summary>False: it was told before, and everything of it is written.</summary>
    public async ValueTask<bool> FirstAsync(Session session, JobId job, int attempt)
    {
        if (await session.Use(Mark).Bind(1, attempt.ToString(CultureInfo.InvariantCulture)).Bind(2, job).ExecuteAsync().ConfigureAwait(false) == 0) return false;
        await Ledger.SpendUnheldAsync(session, job, Limits, Nano).ConfigureAwait(false);
        return true;
    }
}

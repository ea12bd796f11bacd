using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Upkeep;

/// <summary>Gives back, as spent, what is held for jobs that have ended and whose last attempt was never heard of again.</summary>
internal sealed class BudgetSettler(Database database) : Duty
{
    private const int Batch = 200;

    // A handler that was told to stop has ended by then, or never will.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    public override TimeSpan Every => TimeSpan.FromSeconds(30);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        var settled = await database.WriteAsync(new SettleUnknown((now - Patience).ToUnixTimeMilliseconds(), Batch, now.ToUnixTimeMilliseconds())).ConfigureAwait(false);
        return settled == 0 ? DutyReport.Nothing : new DutyReport($"{settled} reservations of jobs that had ended, counted as spent", settled == Batch) { Mended = new Mended(Mended.Unsettled, "reservations", settled) };
    }
}

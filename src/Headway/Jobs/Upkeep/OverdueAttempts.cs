using Headway.Jobs.Storage;
using Headway.Jobs.Workers;
using Headway.Storage;

namespace Headway.Jobs.Upkeep;

/// <summary>Cuts off attempts of workers whose time is up: a worker that hangs and renews its lease all the same would keep its job for ever.</summary>
internal sealed class OverdueAttempts(Database database, WorkerEnds ends) : Duty
{
    private const int Batch = 100;

    public override TimeSpan Every => TimeSpan.FromSeconds(1);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        var overdue = await database.ReadAsync(session => HeldByWorker.OverdueAsync(session, now.ToUnixTimeMilliseconds(), Batch)).ConfigureAwait(false);
        var cut = 0;
        foreach (var (job, worker) in overdue)
        {
            if (await ends.CutOffAsync(job, worker).ConfigureAwait(false)) cut++;
        }
        // A batch of those that cannot be cut off would be found again and again.
        return cut == 0 ? DutyReport.Nothing : new DutyReport($"{cut} attempts of workers were cut off at their timeout", overdue.Count == Batch);
    }
}

using Headway.Jobs.Upkeep;

namespace Headway.Reconciliation;

/// <summary>Holds what was promised against what is there, on every node: finds gaps, mends what can be mended, and shows the rest.</summary>
internal sealed class Reconciler(QueueWalk queue, RecordWalk records, WalkTurn turn, WorkerWatch workers, DeliveryWatch deliveries, GapBook book) : Duty
{
    // Steps of one pass: of records ten thousand, which is some hundredths of a second of reading.
    private const int StepsPerPass = 5;

    public QueueWalk Queue => queue;

    public RecordWalk Records => records;

    public WorkerWatch Workers => workers;

    public DeliveryWatch Deliveries => deliveries;

    public override TimeSpan Every => TimeSpan.FromSeconds(30);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        var found = 0;
        for (var step = 0; step < StepsPerPass; step++)
        {
            var (some, more) = await queue.StepAsync(now.ToUnixTimeMilliseconds()).ConfigureAwait(false);
            found += some;
            if (!more) break;
        }
        found += await WalkAsync(now).ConfigureAwait(false);
        found += await deliveries.LookAsync().ConfigureAwait(false);
        var missing = await workers.LookAsync().ConfigureAwait(false);
        await book.TidyAsync().ConfigureAwait(false);
        return found + missing == 0 ? DutyReport.Nothing : new DutyReport($"{found} gaps of jobs, {missing} pools without a worker: headway gaps list");
    }

    private async Task<int> WalkAsync(DateTimeOffset now)
    {
        var (found, next) = (0, await turn.TakeAsync().ConfigureAwait(false));
        if (next is null) return 0;
        for (var step = 0; step < StepsPerPass && next is { } after; step++)
        {
            (var some, next) = await records.StepAsync(now, after).ConfigureAwait(false);
            found += some;
        }
        await turn.KeepAsync(next).ConfigureAwait(false);
        return found;
    }
}

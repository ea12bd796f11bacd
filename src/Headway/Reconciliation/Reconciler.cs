using Headway.Jobs.Upkeep;

namespace Headway.Reconciliation;

/// <summary>Holds what was promised against what is there, on every node: finds gaps, mends what can be mended, and shows the rest.</summary>
internal sealed class Reconciler(QueueWalk queue, RecordWalk records, WorkerWatch workers, DeliveryWatch deliveries, GapBook book) : Duty
{
    // A walk of all records is for what cannot happen: once an hour, in steps.
    private static readonly TimeSpan WalkEvery = TimeSpan.FromHours(1);

    // Steps of one pass: of records ten thousand, which is some hundredths of a second of reading.
    private const int StepsPerPass = 5;

    private DateTimeOffset? _walked;

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
        if (_walked is { } walked && now - walked < WalkEvery) return 0;
        var found = 0;
        for (var step = 0; step < StepsPerPass; step++)
        {
            var (some, more) = await records.StepAsync(now).ConfigureAwait(false);
            found += some;
            if (more) continue;
            _walked = now;
            break;
        }
        return found;
    }
}

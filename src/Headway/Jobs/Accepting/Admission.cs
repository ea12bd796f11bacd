using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Accepting;

/// <summary>Says at the door what cannot be done in time, and when there will be room for what finds none. It is sure of nothing that was not measured.</summary>
internal sealed class Admission(Database database, Pools pools, Workforce workforce, Forecast forecast, Repeats repeats)
{
    // Fewer jobs say too little of how long the next one takes.
    public const int EnoughMeasured = 20;

    // An estimate is off by a third now and then; who would be in time if it were all that quicker is taken.
    private const double Surely = 0.7;

    /// <summary>Null: it may be done in time, or nobody knows, or its key has a job, which it is given and which needs no time of its own.</summary>
    public Refusal? Judge(Call call, NewJob job)
    {
        var share = workforce.Of(job.Pool);
        if (share.Measured < EnoughMeasured || share.Slots == 0) return null;
        var now = database.Time.GetUtcNow();
        var start = call.StartAt > now ? call.StartAt.Value : now;
        if (call.Deadline is { } deadline && start + (share.Took * Surely) > deadline) return repeats.Kept(job) is null ? Refusals.TooShort(call.Feature, share.Took, deadline - start) : null;
        // Of a start in the future nobody knows how long the line will be.
        if (start != now || LimitOf(call, job) is not { } limit) return null;
        // The longest line there can be: nearly every call is taken without a look at the database.
        if (now + (((Forecast.WaitOf(share, call.Feature.Pool.Queued) ?? TimeSpan.Zero) + share.Took) * Surely) <= limit) return null;
        if (repeats.Kept(job) is not null) return null;
        var wait = forecast.WaitOf(job) ?? TimeSpan.Zero;
        var late = now + ((wait + share.Took) * Surely) - limit;
        if (late > TimeSpan.Zero && wait > TimeSpan.Zero) return Refusals.TooLate(call.Feature, wait, share.Took, limit - now, Pool.WithinReason(late / Surely));
        forecast.Joined(job);
        return null;
    }

    /// <summary>The queue is full: when one that comes again is believed to be taken.</summary>
    public Refusal QueueFull(Call call, long number)
    {
        var (share, pool) = (workforce.Of(number), pools.For(call.Feature));
        return Refusals.QueueFull(pool, call.Feature.Pool.Queued, share is { Measured: > 0, Slots: > 0 } ? pool.Appointment(database.Now, share.Took / share.Slots) : null);
    }

    // A time that the contract promises is held against the line only: a promise that no work can keep is a mistake of the file, and no reason to do nothing.
    private static DateTimeOffset? LimitOf(Call call, NewJob job)
    {
        var promised = job.DeliverBy is { } by ? DateTimeOffset.FromUnixTimeMilliseconds(by) : (DateTimeOffset?)null;
        return call.Deadline is null || promised < call.Deadline ? promised : call.Deadline;
    }
}

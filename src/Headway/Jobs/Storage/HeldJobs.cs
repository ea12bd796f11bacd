using Headway.Features;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>What the database says that a lease holds.</summary>
internal static class HeldJobs
{
    private static readonly Sql One = Sql.At("Jobs/Storage/IsHeldUnder");
    private static readonly Sql All = Sql.At("Jobs/Storage/ReadHeld");

    public static async ValueTask<bool> IsHeldAsync(Session session, Fence attempt)
    {
        using var held = session.Use(One).Bind(1, attempt.Job).Bind(2, attempt.Lease).Bind(3, attempt.Attempt);
        return await held.StepAsync().ConfigureAwait(false);
    }

    public static async ValueTask<IReadOnlyList<HeldJob>> ReadAsync(Session session, long lease)
    {
        var held = new List<HeldJob>();
        using var all = session.Use(All).Bind(1, lease);
        while (await all.StepAsync().ConfigureAwait(false))
        {
            held.Add(new HeldJob(new ClaimedJob(new Fence(all.JobId(0), lease, all.Int32(1)), all.Int32(2), all.Int32(3), all.Int64(4)), (Mode)all.Int64(5)));
        }
        return held;
    }
}

internal sealed record HeldJob(ClaimedJob Claimed, Mode Mode);

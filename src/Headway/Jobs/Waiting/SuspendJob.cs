using Headway.Budgets;
using Headway.Jobs.Storage;
using Headway.Storage;
using Headway.Streams;

namespace Headway.Jobs.Waiting;

/// <summary>An attempt ends because its job waits: it holds no place, no lease and no connection until something it waits for is there.</summary>
/// <param name="weight">Of its tenant.</param>
internal sealed class SuspendJob(Fence fence, Suspension suspension, FailedAttempt attempt, CallsOfAttempt calls, IReadOnlyList<Audit.AuditEvent> audit, IReadOnlyList<LogRow> tail, Func<string, int> weight) : Write<bool>
{
    private static readonly Sql Suspend = Sql.At("Jobs/Waiting/Suspend");

    internal override IReadOnlyList<Claim> Claims => [Claim.On(fence.Job), Wakes.On(fence.Job)];

    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        var held = await session.Use(Suspend).Bind(1, suspension.Due).Bind(2, suspension.Why).Bind(3, fence.Job).Bind(4, fence.Lease).Bind(5, fence.Attempt).ExecuteAsync().ConfigureAwait(false) == 1;
        if (!held) return false;
        await JobWrites.KeepAttemptAsync(session, attempt, calls, audit, tail).ConfigureAwait(false);
        await Wakes.WakeAsync(session, fence.Job, weight).ConfigureAwait(false);
        return true;
    }
}

/// <summary>How a job waits.</summary>
/// <param name="Due">When it comes back in any case, in milliseconds since 1970; null: only when something is there.</param>
/// <param name="Why">What it waits for, for whoever asks: a code, a space, and words.</param>
internal sealed record Suspension(long? Due, string Why);

using Headway.Storage;

namespace Headway.Jobs.Waiting;

/// <summary>Wakes a job whose wake-up was lost. False: it does not wait, or nothing is there.</summary>
/// <param name="weight">Of its tenant.</param>
internal sealed class WakeJob(JobId job, Func<string, int> weight, long now) : Write<bool>
{
    internal override IReadOnlyList<Claim> Claims => [Claim.On(job), Wakes.On(job)];

    protected override ValueTask<bool> ApplyAsync(Session session) => Wakes.WakeAsync(session, job, weight, now);
}

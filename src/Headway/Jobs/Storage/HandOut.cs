using Headway.Audit;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>Hands claimed jobs to a worker: that it is shown their data is durable before they leave. False for each that is no longer held by then.</summary>
internal sealed class HandOut(IReadOnlyList<HandedJob> jobs, long now) : Write<IReadOnlyList<bool>>
{
    private static readonly Sql SetUntil = Sql.At("Jobs/Storage/SetUntil");

    internal override IReadOnlyList<Claim> Claims => [.. jobs.Select(job => Claim.On(job.Fence.Job))];

    protected override async ValueTask<IReadOnlyList<bool>> ApplyAsync(Session session)
    {
        var held = await session.EachAsync(jobs, async job => await session.Use(SetUntil)
            .Bind(1, job.Until).Bind(2, job.Fence.Job).Bind(3, job.Fence.Lease).Bind(4, job.Fence.Attempt)
            .ExecuteAsync().ConfigureAwait(false) == 1).ConfigureAwait(false);
        for (var i = 0; i < jobs.Count; i++)
        {
            if (held[i]) AuditTrail.Append(session, jobs[i].Disclosed, now);
        }
        return held;
    }
}

/// <param name="Until">When the attempt is cut off, in milliseconds since 1970.</param>
internal sealed record HandedJob(Fence Fence, long Until, AuditEvent Disclosed);

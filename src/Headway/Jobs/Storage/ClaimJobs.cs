using Headway.Audit;
using Headway.Features;
using Headway.Storage;
using Headway.Storage.Sqlite;

namespace Headway.Jobs.Storage;

/// <summary>Claims the next jobs of a pool for a lease, and says so in the audit trail.</summary>
internal sealed class ClaimJobs(long pool, long lease, string node, DataClass data, int limit, long now) : Write<IReadOnlyList<ClaimedJob>>
{
    private static readonly Sql Claim = Sql.At("Jobs/Storage/ClaimJobs");
    private static readonly Sql Started = Sql.At("Jobs/Storage/AuditStarted");

    protected override IReadOnlyList<ClaimedJob> Apply(SqliteSession session)
    {
        var claimed = new List<ClaimedJob>();
        using (var claim = session.Use(Claim).Bind(1, lease).Bind(2, now).Bind(3, pool).Bind(4, limit))
        {
            while (claim.Step())
            {
                claimed.Add(new ClaimedJob(new Fence(claim.JobId(0), lease, claim.Int32(1)), claim.Int32(2), claim.Int32(3), now));
            }
        }
        foreach (var job in claimed)
        {
            var id = AuditTrail.NextId(session, job.Fence.Job, now);
            session.Use(Started).Bind(1, id).Bind(2, (long)data).Bind(3, node).Bind(4, job.Fence.Job).Execute();
        }
        return claimed;
    }
}

/// <summary>A job this node holds.</summary>
/// <param name="Started">When it was claimed, in milliseconds since 1970.</param>
internal sealed record ClaimedJob(Fence Fence, int Failures, int Crashes, long Started);

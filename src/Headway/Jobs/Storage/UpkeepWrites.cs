using Headway.Audit;
using Headway.Features;
using Headway.Jobs.Running;
using Headway.Payloads.Files;
using Headway.Storage;
using Headway.Storage.Sqlite;

namespace Headway.Jobs.Storage;

/// <summary>Makes scheduled jobs claimable whose time has come; returns the pools that got any.</summary>
internal sealed class PromoteDue(long now, int limit) : Write<IReadOnlyList<long>>
{
    private static readonly Sql Promote = Sql.At("Jobs/Storage/PromoteDue");

    protected override IReadOnlyList<long> Apply(SqliteSession session)
    {
        var pools = new List<long>();
        using var promote = session.Use(Promote).Bind(1, now).Bind(2, limit);
        while (promote.Step()) pools.Add(promote.Int64(0));
        return pools;
    }
}

/// <summary>Ends unclaimed jobs past their deadline as dead letters, reason `expired`.</summary>
internal sealed class ExpireJobs(long now, int limit) : Write<IReadOnlyList<JobId>>
{
    private static readonly Sql Find = Sql.At("Jobs/Storage/FindExpired");
    private static readonly Sql Take = Sql.At("Jobs/Storage/TakeFromQueue");

    private sealed record Late(JobOrigin Origin, int Attempt, int Failures, long? Started);

    protected override IReadOnlyList<JobId> Apply(SqliteSession session)
    {
        var late = new List<Late>();
        using (var find = session.Use(Find).Bind(1, now).Bind(2, limit))
        {
            while (find.Step())
            {
                var origin = new JobOrigin(find.JobId(0), find.Text(5)!, find.Text(6)!, null, find.Int64(4), (DataClass)find.Int64(8), find.Blob(7));
                late.Add(new Late(origin, find.Int32(1), find.Int32(2), find.Int64OrNull(3)));
            }
        }
        foreach (var job in late) Expire(session, job);
        return late.ConvertAll(job => job.Origin.Id);
    }

    private void Expire(SqliteSession session, Late job)
    {
        session.Use(Take).Bind(1, job.Origin.Id).Execute();
        JobWrites.FinishJob(session, job.Origin.Id, new Ending
        {
            State = JobState.Dead,
            Finished = now,
            Attempt = job.Attempt,
            Failures = job.Failures,
            Started = job.Started,
            Failure = new SealedFailure("expired", FailureKind.Permanent, "expired", null),
            Audit = [job.Origin.Audit(AuditActions.Died, "expired")],
        });
    }
}

/// <summary>Takes away what retention says: payloads first, the record when its own time comes. Audit events stay.</summary>
internal sealed class PruneHistory(long now, int limit) : Write<Pruned>
{
    private static readonly Sql Find = Sql.At("Jobs/Storage/FindPrunable");
    private static readonly Sql DeletePayload = Sql.At("Jobs/Storage/DeletePayload");
    private static readonly Sql DeleteLog = Sql.At("Jobs/Storage/DeleteLog");
    private static readonly Sql DeleteJob = Sql.At("Jobs/Storage/DeleteJob");
    private static readonly Sql DeleteAttempts = Sql.At("Jobs/Storage/DeleteAttempts");
    private static readonly Sql Forget = Sql.At("Jobs/Storage/ForgetPayloads");
    private static readonly Sql DeleteKeys = Sql.At("Jobs/Storage/DeleteIdempotency");

    private sealed record Old(JobId Id, JobState State, long Finished, long? Input, long? Result, RetentionOptions Retention);

    protected override Pruned Apply(SqliteSession session)
    {
        var old = FindOld(session);
        var records = old.Count(job => Prune(session, job));
        var keys = session.Use(DeleteKeys).Bind(1, now).Bind(2, limit).Execute();
        return new Pruned(records, old.Count - records, keys, old.Count == limit || keys >= limit);
    }

    private List<Old> FindOld(SqliteSession session)
    {
        var old = new List<Old>();
        using var find = session.Use(Find).Bind(1, now).Bind(2, limit);
        while (find.Step())
        {
            old.Add(new Old(find.JobId(0), (JobState)find.Int64(2), find.Int64(3), find.Int64OrNull(4), find.Int64OrNull(5), FeatureDefinition.Parse(find.Text(6)!).Retention));
        }
        return old;
    }

    /// <summary>True: the record went; false: only what it held.</summary>
    private bool Prune(SqliteSession session, Old job)
    {
        foreach (var payload in new[] { job.Input, job.Result })
        {
            if (payload is not null) session.Use(DeletePayload).Bind(1, payload).Execute();
        }
        session.Use(DeleteLog).Bind(1, job.Id).Execute();
        FileStore.DeleteIn(session, job.Id);
        var recordEnds = Endings.Add(job.Finished, job.State is JobState.Dead ? job.Retention.Dead : job.Retention.Record);
        if (recordEnds is null || recordEnds > now)
        {
            session.Use(Forget).Bind(1, recordEnds).Bind(2, job.Id).Execute();
            return false;
        }
        session.Use(DeleteAttempts).Bind(1, job.Id).Execute();
        session.Use(DeleteJob).Bind(1, job.Id).Execute();
        return true;
    }
}

/// <param name="More">There is more to prune now.</param>
internal sealed record Pruned(int Records, int Payloads, int Keys, bool More);

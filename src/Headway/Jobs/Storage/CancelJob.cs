using Headway.Audit;
using Headway.Storage;
using Headway.Storage.Sqlite;

namespace Headway.Jobs.Storage;

/// <summary>
/// Cancels whatever state the job is in, unless it has ended. Taking the row out of the queue breaks the fence of whoever runs it, so
/// nothing the worker writes afterwards is kept: cancelled stays cancelled.
/// </summary>
internal sealed class CancelJob(JobId job, Func<int, int, long?, Ending> ending) : Write<bool>
{
    private static readonly Sql Take = Sql.At("Jobs/Storage/TakeFromQueue");

    protected override bool Apply(SqliteSession session)
    {
        int attempt, failures;
        long? started;
        bool running;
        using (var taken = session.Use(Take).Bind(1, job))
        {
            if (!taken.Step()) return false;
            running = taken.Int64(0) == (long)JobState.Running;
            (attempt, failures, started) = (taken.Int32(1), taken.Int32(2), taken.Int64OrNull(3));
        }
        JobWrites.FinishJob(session, job, ending(attempt, failures, started) with { StillSpends = running });
        return true;
    }
}

/// <summary>Puts a dead letter back into the queue, its error kept as an attempt of its history.</summary>
internal sealed class ReplayJob(JobId job, string tenant, AuditEvent replayed, long now) : Write<bool>
{
    private static readonly Sql Find = Sql.At("Jobs/Storage/FindForReplay");
    private static readonly Sql Reopen = Sql.At("Jobs/Storage/ReopenJob");
    private static readonly Sql Insert = Sql.At("Jobs/Storage/InsertReplayed");

    protected override bool Apply(SqliteSession session)
    {
        using (var find = session.Use(Find).Bind(1, job).Bind(2, tenant))
        {
            if (!find.Step() || find.Int64(0) != (long)JobState.Dead || find.IsNull(1)) return false;
        }
        session.Use(Reopen).Bind(1, job).Execute();
        session.Use(Insert).Bind(1, now * 1_000).Bind(2, job).Execute();
        AuditTrail.Append(session, replayed, now);
        return true;
    }
}

using Headway.Audit;
using Headway.Payloads.Files;
using Headway.Storage;
using Headway.Storage.Sqlite;

namespace Headway.Jobs.Storage;

/// <summary>Takes away what a finished job holds, as retention would in its time. False: somebody else has done so, or has had it begin anew.</summary>
/// <param name="prune">When retention next takes something: the record.</param>
internal sealed class ForgetJob(JobRow job, AuditEvent erased, long? prune, long now) : Write<bool>
{
    private static readonly Sql IsQueued = Sql.At("Jobs/Storage/IsQueued");
    private static readonly Sql DeletePayload = Sql.At("Jobs/Storage/DeletePayload");
    private static readonly Sql DeleteLog = Sql.At("Jobs/Storage/DeleteLog");
    private static readonly Sql ForgetAnswer = Sql.At("Caching/ForgetAnswerOf");
    private static readonly Sql Forget = Sql.At("Jobs/Storage/ForgetPayloads");
    private static readonly Sql ForgetWords = Sql.At("Jobs/Storage/ForgetWords");

    protected override bool Apply(SqliteSession session)
    {
        using (var queued = session.Use(IsQueued).Bind(1, job.Id))
        {
            if (queued.Step() && queued.Int64(0) != 0) return false;
        }
        if (job.Input is not { } input || session.Use(DeletePayload).Bind(1, input).Execute() == 0) return false;
        if (job.Result is { } result) session.Use(DeletePayload).Bind(1, result).Execute();
        session.Use(DeleteLog).Bind(1, job.Id).Execute();
        session.Use(ForgetAnswer).Bind(1, job.Id).Execute();
        FileStore.DeleteIn(session, job.Id);
        session.Use(Forget).Bind(1, prune).Bind(2, job.Id).Execute();
        session.Use(ForgetWords).Bind(1, job.Id).Execute();
        AuditTrail.Append(session, erased, now);
        return true;
    }
}

using Headway.Audit;
using Headway.Storage;
using Headway.Storage.Sqlite;

namespace Headway.Jobs.Storage;

/// <summary>A sync call that was answered: its record, finished from the start, and its audit event.</summary>
internal sealed class RecordCall(NewJob job, Ending ending) : Write<bool>
{
    protected override bool Apply(SqliteSession session)
    {
        Write(session, job, ending);
        return true;
    }

    public static void Write(SqliteSession session, NewJob job, Ending ending)
    {
        JobWrites.InsertJob(session, job, ending);
        JobWrites.Spend(session, job.Origin.Id, ending);
        foreach (var entry in ending.Audit) AuditTrail.Append(session, entry, ending.Finished);
    }
}

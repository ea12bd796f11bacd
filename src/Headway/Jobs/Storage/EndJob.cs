using Headway.Storage;
using Headway.Storage.Sqlite;
using Headway.Streams;

namespace Headway.Jobs.Storage;

/// <summary>Ends a job under the fence: out of the queue, record finished, the rest of its output logged, audit event written.</summary>
/// <remarks>Invariant: of all that try to end one attempt, at most one sees true, because leaving the queue names lease and attempt.</remarks>
internal sealed class EndJob(Fence fence, Ending ending, FailedAttempt? attempt, LogRow? tail) : Write<bool>
{
    private static readonly Sql Leave = Sql.At("Jobs/Storage/LeaveQueue");

    protected override bool Apply(SqliteSession session)
    {
        var held = session.Use(Leave).Bind(1, fence.Job).Bind(2, fence.Lease).Bind(3, fence.Attempt).Execute() == 1;
        if (!held) return false;
        JobWrites.FinishJob(session, fence.Job, ending);
        if (attempt is not null) JobWrites.InsertAttempt(session, attempt);
        if (tail is not null) LogWrites.Append(session, fence.Job, tail);
        return true;
    }
}

using Headway.Storage;
using Headway.Storage.Sqlite;
using Headway.Streams;

namespace Headway.Jobs.Storage;

/// <summary>A call that was answered without work of its own, durable before its answer: record, output, audit events and, if it has one, its idempotency key.</summary>
internal sealed class RecordHit(NewJob job, Ending ending, LogRow? output) : Write<Acceptance>
{
    protected override Acceptance Apply(SqliteSession session)
    {
        if (AcceptJob.Kept(session, job) is { } repeat) return repeat;
        if (job.Idempotency is { } key) AcceptJob.TakeKey(session, job, key);
        RecordCall.Write(session, job, ending);
        if (output is not null) LogWrites.Append(session, job.Origin.Id, output);
        return new Acceptance.Accepted(Claimed: false);
    }
}

using Headway.Audit;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>A sync call that was answered: its record, finished from the start, and its audit event.</summary>
internal sealed class RecordCall(NewJob job, Ending ending) : Write<bool>
{
    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        await WriteAsync(session, job, ending).ConfigureAwait(false);
        return true;
    }

    public static async ValueTask WriteAsync(Session session, NewJob job, Ending ending)
    {
        await JobWrites.InsertJobAsync(session, job, ending).ConfigureAwait(false);
        await JobWrites.SpendAsync(session, job.Origin.Id, ending).ConfigureAwait(false);
        foreach (var entry in ending.Audit) AuditTrail.Append(session, entry, ending.Finished);
        if (ending.To is { } to) Outbox.Put(session, to, job.Origin.Id, ending.State, ending.Finished);
    }
}

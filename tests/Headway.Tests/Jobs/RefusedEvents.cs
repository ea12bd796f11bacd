using Headway.Storage;
using Headway.Tests.Storage;

namespace Headway.Tests.Jobs;

/// <summary>A `refused` of the audit trail. There is no job to ask for it by.</summary>
internal sealed record RefusedEvent(JobId Job, string Feature, string Tenant, string Actor, string Outcome, bool HasSubject, string? Correlation)
{
    /// <summary>For how many refusals it stands.</summary>
    public int Count => Outcome.Split(" ×") is [_, var count] ? int.Parse(count, System.Globalization.CultureInfo.InvariantCulture) : 1;

    public static async Task<List<RefusedEvent>> AllAsync(Database database)
    {
        // Events are written in the order they were noted: what came before this write is there when it is.
        await database.WriteAsync(new Change("SELECT 1"));
        return database.Read(session =>
        {
            var events = new List<RefusedEvent>();
            using var read = session.Prepare("""
                SELECT a.job, d.feature, a.tenant, a.actor, a.outcome, a.subject IS NOT NULL, a.correlation
                FROM audit_events a JOIN definitions d ON d.id = a.definition WHERE a.action = 'refused' ORDER BY a.id, a.job
                """);
            while (read.Step()) events.Add(new RefusedEvent(read.JobId(0), read.Text(1)!, read.Text(2)!, read.Text(3)!, read.Text(4)!, read.Int64(5) == 1, read.Text(6)));
            return events;
        });
    }
}

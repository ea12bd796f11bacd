using Headway.Audit;
using Headway.Jobs.Storage;
using Headway.Jobs.Waiting;
using Headway.Storage;

namespace Headway.Workflows.Storage;

/// <summary>Accepts a job that begins with a part of another's journal: one is there with the other, or neither is.</summary>
/// <param name="rows">Sealed for the new job.</param>
/// <param name="reran">Tells the trail of the other.</param>
internal sealed class RerunWorkflow(NewJob job, AcceptJob accept, JobId of, IReadOnlyList<JournalRow> rows, AuditEvent reran) : Write<Acceptance>
{
    private static readonly Sql SetRerunOf = Sql.At("Workflows/Storage/SetRerunOf");

    internal override Writer Writer => Writer.Acceptances;

    internal override bool MeetsChanges => accept.MeetsChanges;

    internal override IReadOnlyList<Claim> Claims => [Wakes.On(job.Origin.Id), .. job.Claims];

    protected override async ValueTask<Acceptance> ApplyAsync(Session session)
    {
        var accepted = await accept.WithinAsync(session).ConfigureAwait(false);
        if (accepted is not Acceptance.Accepted) return accepted;
        session.Use(SetRerunOf).Bind(1, of).Bind(2, rows.Count > 0 ? 1 : 0).Bind(3, job.Origin.Id).Send();
        foreach (var row in rows) row.Append(session, job.Origin.Id);
        AuditTrail.Append(session, reran, job.Created);
        return accepted;
    }
}

using Headway.Audit;
using Headway.Payloads.Holds;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>Takes away what a finished job holds, as retention would in its time.</summary>
/// <param name="prune">When retention next takes something: the record.</param>
internal sealed class ForgetJob(JobRow job, AuditEvent erased, long? prune, long now) : Write<Forgotten>
{
    private static readonly Sql DeletePayload = Sql.At("Jobs/Storage/DeletePayload");
    private static readonly Sql ForgetAnswer = Sql.At("Caching/ForgetAnswerOf");
    private static readonly Sql Erase = Sql.At("Jobs/Storage/EraseContent");
    private static readonly Sql ForgetWords = Sql.At("Jobs/Storage/ForgetWords");

    internal override IReadOnlyList<Claim> Claims => [Claim.On(job.Id)];

    protected override async ValueTask<Forgotten> ApplyAsync(Session session)
    {
        if (await LegalHolds.HoldsAsync(session, job.Tenant, job.Subject).ConfigureAwait(false)) return Forgotten.Held;
        // First, and decides: a replay that another node is writing holds the record, and is seen when it has.
        if (await session.Use(Erase).Bind(1, prune).Bind(2, job.Id).Bind(3, job.Input).Bind(4, job.Result).ExecuteAsync().ConfigureAwait(false) == 0) return Forgotten.Nothing;
        foreach (var payload in new[] { job.Input, job.Result })
        {
            if (payload is not null) session.Use(DeletePayload).Bind(1, payload).Send();
        }
        session.Use(ForgetAnswer).Bind(1, job.Id).Send();
        await JobWrites.ForgetContentAsync(session, job.Id).ConfigureAwait(false);
        session.Use(ForgetWords).Bind(1, job.Id).Send();
        AuditTrail.Append(session, erased, now);
        return Forgotten.Done;
    }
}

internal enum Forgotten
{
    Done,

    /// <summary>There is nothing to take away: it was, or the job has begun anew.</summary>
    Nothing,

    /// <summary>Its subject is under a legal hold.</summary>
    Held,
}

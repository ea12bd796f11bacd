using Headway.Audit;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>Takes away what a finished job holds, as retention would in its time. False: somebody else has done so, or has had it begin anew.</summary>
/// <param name="prune">When retention next takes something: the record.</param>
internal sealed class ForgetJob(JobRow job, AuditEvent erased, long? prune, long now) : Write<bool>
{
    private static readonly Sql DeletePayload = Sql.At("Jobs/Storage/DeletePayload");
    private static readonly Sql ForgetAnswer = Sql.At("Caching/ForgetAnswerOf");
    private static readonly Sql Erase = Sql.At("Jobs/Storage/EraseContent");
    private static readonly Sql ForgetWords = Sql.At("Jobs/Storage/ForgetWords");

    internal override IReadOnlyList<Claim> Claims => [Claim.On(job.Id)];

    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        // First, and decides: a replay that another node is writing holds the record, and is seen when it has.
        if (job.Input is not { } input || await session.Use(Erase).Bind(1, prune).Bind(2, job.Id).Bind(3, input).Bind(4, job.Result).ExecuteAsync().ConfigureAwait(false) == 0) return false;
        session.Use(DeletePayload).Bind(1, input).Send();
        if (job.Result is { } result) session.Use(DeletePayload).Bind(1, result).Send();
        session.Use(ForgetAnswer).Bind(1, job.Id).Send();
        await JobWrites.ForgetContentAsync(session, job.Id).ConfigureAwait(false);
        session.Use(ForgetWords).Bind(1, job.Id).Send();
        AuditTrail.Append(session, erased, now);
        return true;
    }
}

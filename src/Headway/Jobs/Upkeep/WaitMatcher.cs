using Headway.Access;
using Headway.Jobs.Running;
using Headway.Jobs.Waiting;
using Headway.Storage;

namespace Headway.Jobs.Upkeep;

/// <summary>Holds what jobs wait for against what is there: wakes those whose wake-up was lost, and cancels children that outlived whoever wanted them.</summary>
internal sealed class WaitMatcher(Database database, Operators operators, JobNews news, TenantTerms tenants) : Duty
{
    private const int Batch = 200;
    private static readonly Sql FindSatisfied = Sql.At("Jobs/Waiting/FindSatisfied");
    private static readonly Sql FindLeft = Sql.At("Jobs/Waiting/FindLeftChildren");

    // Where this walk of those that wait has come to.
    private JobId _after = JobId.FromBytes(new byte[16]);

    public override TimeSpan Every => TimeSpan.FromSeconds(15);

    public override async Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        var (satisfied, left) = await database.ReadAsync(async session =>
            (await SatisfiedAsync(session).ConfigureAwait(false), await LeftAsync(session).ConfigureAwait(false))).ConfigureAwait(false);
        var woken = 0;
        foreach (var job in satisfied)
        {
            if (await database.WriteAsync(new WakeJob(job, tenants.WeightOf, database.Now)).ConfigureAwait(false)) woken++;
        }
        if (woken > 0) news.Queued();
        _after = satisfied.Count == Batch ? satisfied[^1] : JobId.FromBytes(new byte[16]);
        foreach (var (parent, child, tenant) in left)
        {
            // In one write with the note of it: neither is it left to run on, nor cancelled where the parent has begun anew.
            await operators.CancelAsync(Caller.Local with { Tenant = tenant }, child, leftBy: parent).ConfigureAwait(false);
            // One that has ended by itself is only noted no more.
            await database.WriteAsync(new ForgetWait(parent, child)).ConfigureAwait(false);
        }
        return woken + left.Count == 0 ? DutyReport.Nothing
            : new DutyReport($"woke {woken} jobs that waited for what was there, and cancelled {left.Count} children of jobs that have ended", More: satisfied.Count == Batch || left.Count == Batch)
            {
                Mended = new Mended(Mended.Unwoken, "waits", woken + left.Count),
            };
    }

    private async ValueTask<List<JobId>> SatisfiedAsync(Session session)
    {
        var jobs = new List<JobId>();
        using var find = session.Use(FindSatisfied).Bind(1, _after).Bind(2, Batch);
        while (await find.StepAsync().ConfigureAwait(false)) jobs.Add(find.JobId(0));
        return jobs;
    }

    private static async ValueTask<List<(JobId Parent, JobId Child, string Tenant)>> LeftAsync(Session session)
    {
        var left = new List<(JobId, JobId, string)>();
        using var find = session.Use(FindLeft).Bind(1, Batch);
        while (await find.StepAsync().ConfigureAwait(false)) left.Add((find.JobId(0), find.JobId(1), find.Text(2)!));
        return left;
    }
}

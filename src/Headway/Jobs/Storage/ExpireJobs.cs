using Headway.Audit;
using Headway.Features;
using Headway.Jobs.Running;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>Ends unclaimed jobs past their deadline as dead letters, reason `expired`. One that cannot be ended loses its deadline, or every pass would meet it first.</summary>
/// <param name="weight">Of a tenant.</param>
internal sealed class ExpireJobs(long now, int limit, Func<string, int> weight) : Write<Expired>
{
    private static readonly Sql Find = Sql.At("Jobs/Storage/FindExpired");
    private static readonly Sql Take = Sql.At("Jobs/Storage/TakeFromQueue");
    private static readonly Sql Forget = Sql.At("Jobs/Storage/ForgetDeadline");

    private sealed record Late(JobOrigin Origin, int Attempt, int Failures, long? Started, string Definition, JobState State, long Pool, int Priority);

    internal override Writer Writer => Writer.Upkeep;

    protected override async ValueTask<Expired> ApplyAsync(Session session)
    {
        var late = await FindLateAsync(session).ConfigureAwait(false);
        var (jobs, bad) = (new List<JobId>(late.Count), new List<BadRow>());
        foreach (var job in late)
        {
            if (await session.ApartAsync(() => ExpireAsync(session, job, bad)).ConfigureAwait(false) is not { } error)
            {
                jobs.Add(job.Origin.Id);
                continue;
            }
            session.Use(Forget).Bind(1, job.Origin.Id).Send();
            bad.Add(new BadRow(job.Origin.Id, $"it is past its deadline and cannot be ended, so it waits without one: {error.Message}"));
        }
        return new Expired(jobs, late.Count == limit, bad);
    }

    private async ValueTask<List<Late>> FindLateAsync(Session session)
    {
        var late = new List<Late>();
        using var find = session.Use(Find).Bind(1, now).Bind(2, limit);
        while (await find.StepAsync().ConfigureAwait(false))
        {
            var origin = new JobOrigin(find.JobId(0), find.Text(5)!, find.Text(6)!, null, find.Int64(4), (DataClass)find.Int64(8), find.Blob(7)) { Parent = find.IsNull(13) ? null : find.JobId(13), Endpoints = find.Text(14) };
            late.Add(new Late(origin, find.Int32(1), find.Int32(2), find.Int64OrNull(3), find.Text(9)!, (JobState)find.Int64(10), find.Int64(11), find.Int32(12)));
        }
        return late;
    }

    private async ValueTask ExpireAsync(Session session, Late job, List<BadRow> bad)
    {
        session.Use(Take).Bind(1, job.Origin.Id).Send();
        if (job.State is JobState.Queued) Turns.GiveBack(session, job.Pool, job.Origin.Tenant, job.Priority, weight(job.Origin.Tenant));
        await JobWrites.FinishJobAsync(session, job.Origin.Id, new Ending
        {
            State = JobState.Dead,
            Finished = now,
            Attempt = job.Attempt,
            Failures = job.Failures,
            Started = job.Started,
            Failure = new SealedFailure("expired", FailureKind.Permanent, "expired", null),
            Prune = Endings.Add(now, PinnedRetention.Of(job.Origin.Id, job.Definition, bad).Dead),
            Parent = job.Origin.Parent is { } parent ? new WaitingParent(parent, weight(job.Origin.Tenant)) : null,
            To = job.Origin.Addressees,
            Audit = [job.Origin.Audit(AuditActions.Died, "expired")],
        }).ConfigureAwait(false);
    }
}

/// <param name="Jobs">Those that ended.</param>
/// <param name="More">There is more to expire now.</param>
/// <param name="Bad">Rows with which something is wrong.</param>
internal sealed record Expired(IReadOnlyList<JobId> Jobs, bool More, IReadOnlyList<BadRow> Bad);

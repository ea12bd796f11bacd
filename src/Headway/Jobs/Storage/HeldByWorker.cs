using Headway.Features;
using Headway.Jobs.Running;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>What the database says of attempts that workers hold, or held.</summary>
internal static class HeldByWorker
{
    private static readonly Sql Claim = Sql.At("Jobs/Storage/ReadClaim");
    private static readonly Sql All = Sql.At("Jobs/Storage/ReadHanded");
    private static readonly Sql Overdue = Sql.At("Jobs/Storage/FindOverdue");
    private static readonly Sql Origin = Sql.At("Jobs/Storage/FindOrigin");
    private static readonly Sql Ended = Sql.At("Jobs/Storage/HowEnded");

    /// <summary>Null: the fence holds no more.</summary>
    public static async ValueTask<ClaimedJob?> FindAsync(Session session, Fence fence)
    {
        using var read = session.Use(Claim).Bind(1, fence.Job).Bind(2, fence.Lease).Bind(3, fence.Attempt);
        return await read.StepAsync().ConfigureAwait(false) ? new ClaimedJob(fence, read.Int32(0), read.Int32(1), read.Int64(2)) { Tally = Tally.Read(read.Text(3)) } : null;
    }

    public static async ValueTask<IReadOnlyList<ClaimedJob>> ReadAsync(Session session, long lease)
    {
        var held = new List<ClaimedJob>();
        using var all = session.Use(All).Bind(1, lease);
        while (await all.StepAsync().ConfigureAwait(false)) held.Add(new ClaimedJob(new Fence(all.JobId(0), lease, all.Int32(1)), all.Int32(2), all.Int32(3), all.Int64(4)) { Tally = Tally.Read(all.Text(5)) });
        return held;
    }

    /// <summary>Those whose time is up, with the names of their workers.</summary>
    public static async ValueTask<IReadOnlyList<(ClaimedJob Job, string Worker)>> OverdueAsync(Session session, long now, int limit)
    {
        var overdue = new List<(ClaimedJob, string)>();
        using var find = session.Use(Overdue).Bind(1, now).Bind(2, limit);
        while (await find.StepAsync().ConfigureAwait(false)) overdue.Add((new ClaimedJob(new Fence(find.JobId(0), find.Int64(1), find.Int32(2)), find.Int32(3), find.Int32(4), find.Int64(5)) { Tally = Tally.Read(find.Text(7)) }, find.Text(6)!));
        return overdue;
    }

    /// <summary>Whose the job is. Null: a worker of this name was never given it.</summary>
    public static async ValueTask<JobOrigin?> OriginAsync(Session session, JobId job, string worker)
    {
        using var find = session.Use(Origin).Bind(1, job).Bind(2, worker);
        return await find.StepAsync().ConfigureAwait(false) ? new JobOrigin(job, find.Text(0)!, find.Text(1)!, null, find.Int64(2), (DataClass)find.Int64(3), find.Blob(4)) { Parent = find.IsNull(5) ? null : find.JobId(5) } : null;
    }

    /// <summary>Null: there is no such job.</summary>
    public static async ValueTask<EndedAttempt?> EndOfAsync(Session session, JobId job, int attempt)
    {
        using var ended = session.Use(Ended).Bind(1, attempt).Bind(2, job);
        return await ended.StepAsync().ConfigureAwait(false) ? new EndedAttempt((JobState)ended.Int64(0), ended.Int32(1), ended.Text(2), ended.Text(3)) : null;
    }
}

/// <summary>What became of an attempt.</summary>
/// <param name="State">Of its job; the first state stands for all that are not final.</param>
/// <param name="Last">The job's last attempt.</param>
/// <param name="Outcome">See <see cref="FailedAttempt"/>; null: it ended well, or was not told to have ended.</param>
internal sealed record EndedAttempt(JobState State, int Last, string? Outcome, string? Code);

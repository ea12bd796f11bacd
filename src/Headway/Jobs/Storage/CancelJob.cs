using Headway.Jobs.Waiting;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>
/// Cancels whatever state the job is in, unless it has ended. Taking the row out of the queue breaks the fence of whoever runs it, so
/// nothing the worker writes afterwards is kept: cancelled stays cancelled.
/// </summary>
/// <param name="weight">Of the tenant.</param>
internal sealed class CancelJob(JobId job, string tenant, int weight, Func<int, int, long?, Ending> ending) : Write<bool>
{
    private static readonly Sql Take = Sql.At("Jobs/Storage/TakeFromQueue");

    /// <summary>Whose child it is.</summary>
    public JobId? Parent { get; init; }

    internal override IReadOnlyList<Claim> Claims => Parent is { } waiting ? [Claim.On(job), Wakes.On(job), Wakes.On(waiting)] : [Claim.On(job), Wakes.On(job)];

    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        int attempt, failures;
        long? started;
        long pool;
        int priority;
        JobState state;
        using (var taken = session.Use(Take).Bind(1, job))
        {
            if (!await taken.StepAsync().ConfigureAwait(false)) return false;
            (state, pool, priority) = ((JobState)taken.Int64(0), taken.Int64(4), taken.Int32(5));
            (attempt, failures, started) = (taken.Int32(1), taken.Int32(2), taken.Int64OrNull(3));
        }
        if (state is JobState.Queued) Turns.GiveBack(session, pool, tenant, priority, weight);
        await JobWrites.FinishJobAsync(session, job, ending(attempt, failures, started) with
        {
            StillSpends = state is JobState.Running,
            Parent = Parent is { } waiting ? new WaitingParent(waiting, weight) : null,
        }).ConfigureAwait(false);
        return true;
    }
}

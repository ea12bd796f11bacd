using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>Waits for a job to end, up to a limit.</summary>
internal sealed class JobWaiter(Database database, JobReader jobs, Finished finished)
{
    /// <summary>The job as it is when it ended, or when the wait was over. Null: unknown to the tenant.</summary>
    public async Task<Job?> WaitAsync(string tenant, JobId id, TimeSpan wait, CancellationToken stop)
    {
        var ended = finished.Expect(id);
        try
        {
            var job = jobs.Find(tenant, id);
            if (job is null || job.IsFinished || wait <= TimeSpan.Zero) return job;
            await ended.WaitAsync(wait, database.Time, stop).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The wait is over; the job goes on.
        }
        finally
        {
            finished.Forget(id);
        }
        return jobs.Find(tenant, id);
    }
}

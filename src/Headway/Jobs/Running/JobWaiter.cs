using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>Waits for a job to end, up to a limit.</summary>
internal sealed class JobWaiter(Database database, JobReader jobs, Finished finished)
{
    /// <summary>The job as it is when it ended, or when the wait was over. Null: unknown to the tenant.</summary>
    public async Task<Job?> WaitAsync(string tenant, JobId id, TimeSpan wait, CancellationToken stop)
    {
        var until = database.Time.GetUtcNow() + wait;
        while (true)
        {
            var ended = finished.Expect(id);
            try
            {
                var job = jobs.Find(tenant, id);
                var left = until - database.Time.GetUtcNow();
                if (job is null || job.IsFinished || left <= TimeSpan.Zero) return job;
                // Told is not ended: a lost node or a failed attempt tells too. And the word of another node may be lost.
                var look = database.IsShared ? database.LookAfter : left;
                await ended.WaitAsync(left < look ? left : look, database.Time, stop).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                // The next look at the record decides.
            }
            finally
            {
                finished.Forget(id, ended);
            }
        }
    }
}

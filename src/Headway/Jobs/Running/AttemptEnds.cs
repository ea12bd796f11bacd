using Headway.Budgets;
using Headway.Jobs.Storage;
using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Jobs.Running;

/// <summary>Writes what becomes of a job when this node is done with it: the end of its attempt, or that it could not be run.</summary>
/// <remarks>
/// Invariant: a job leaves this node only by a write under its fence. A disk that takes nothing delays that write and loses nothing: a row that
/// is given up on would stay held by a node that is alive, and nobody would ever rescue it.
/// </remarks>
internal sealed class AttemptEnds(Database database, JobNews news, NodeLease lease, ILogger<AttemptEnds> logger)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongPause = TimeSpan.FromSeconds(5);

    // A job that cannot be read is asked for less and less often; an hour of trouble costs it a dozen looks.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMinutes(5);
    private const int MostDoublings = 9;

    /// <summary>Writes as soon as the disk takes it, however long that is, or as long as the caller can wait.</summary>
    /// <param name="write">Makes the operation, once for each try.</param>
    /// <param name="until">After this moment no further try is waited for; null: until it is kept.</param>
    /// <exception cref="StorageException">The moment has passed, the node is closing, or the row itself is refused.</exception>
    public async Task<T> WriteAsync<T>(JobId job, Func<Write<T>> write, DateTimeOffset? until = null)
    {
        for (var pause = FirstPause; ; pause = pause < LongPause ? pause * 2 : pause)
        {
            try
            {
                var verdict = await database.WriteAsync(write()).ConfigureAwait(false);
                if (verdict is false) logger.LogInformation("{Job} was no longer this attempt's; its outcome is dropped", job);
                return verdict;
            }
            catch (StorageException error) when (error.MayPass && !database.IsClosing)
            {
                var left = until - database.Time.GetUtcNow();
                if (left <= TimeSpan.Zero) throw;
                // Not less than a timer can measure, or the last moment would be spent spinning.
                if (left < pause) pause = TimeSpan.FromMilliseconds(Math.Ceiling(left.Value.TotalMilliseconds));
                // Set before it is told of: who moves the clock when the log says so does not miss it.
                var over = Task.Delay(pause, database.Time);
                logger.LogError("{Job}: the end cannot be written, trying again in {Pause}: {Cure}", job, pause, error.Message);
                await over.ConfigureAwait(false);
            }
        }
    }

    /// <summary>A job that cannot be run counts a crash, so that it ends as poison and does not stay held by a node that is alive.</summary>
    public Task TakeBackAsync(Fence fence) =>
        GiveUpAsync(fence.Job, () => new RescueLease(fence.Lease, fence.Job, 1, lease.Node, database.Now) { Attempt = fence.Attempt });

    /// <summary>A job that cannot be read now, through no fault of its own: it comes again a little later, and nothing is counted against it.</summary>
    public Task HandBackAsync(ClaimedJob claimed)
    {
        var (fence, now) = (claimed.Fence, database.Now);
        var wait = TimeSpan.FromSeconds(1 << Math.Min(fence.Attempt - 1, MostDoublings));
        // Later and not at once: those behind it may be readable, and a queue that hands out the same job again and again serves nobody.
        var again = new Rescheduling(now + (long)(wait < LongestWait ? wait : LongestWait).TotalMilliseconds, "storage", claimed.Failures, claimed.Crashes);
        var attempt = new FailedAttempt(fence.Job, fence.Attempt, claimed.Started, now, "handed-back", lease.Node, null, null, default);
        return GiveUpAsync(fence.Job, () => new RetryJob(fence, again, attempt, CallsOfAttempt.None, [], []));
    }

    private async Task GiveUpAsync<T>(JobId job, Func<Write<T>> write)
    {
        try
        {
            await WriteAsync(job, write).ConfigureAwait(false);
            news.Ended(job);
        }
#pragma warning disable CA1031 // Whatever is wrong with this job must not stop those that take it back.
        catch (Exception error)
#pragma warning restore CA1031
        {
            logger.LogError(error, "{Job} could not be taken back", job);
        }
    }
}

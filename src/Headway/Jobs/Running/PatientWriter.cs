using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Jobs.Running;

/// <summary>Writes what became of work that was done: it is not given up because the disk is full for a while, but written as soon as it can be.</summary>
internal sealed class PatientWriter(Database database, ILogger logger)
{
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    public async Task<bool> WriteAsync(JobId job, Func<Write<bool>> write)
    {
        for (var pause = Shortest; ; pause = pause < Longest ? pause * 2 : pause)
        {
            try
            {
                return await database.WriteAsync(write()).ConfigureAwait(false);
            }
            catch (StorageException error) when (error.Code is "storage-full" or "storage-read-only" or "storage-unavailable" && !database.IsClosing)
            {
                logger.LogError("{Job}: what became of it cannot be written, trying again in {Pause}: {Cure}", job, pause, error.Message);
                await Task.Delay(pause, database.Time).ConfigureAwait(false);
            }
            catch (StorageException error)
            {
                logger.LogError("{Job}: what became of it cannot be written: {Cure}", job, error.Message);
                throw;
            }
        }
    }
}

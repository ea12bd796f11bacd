using Headway.Storage;

namespace Headway.Payloads.Files;

/// <summary>Removes kept files that have expired, those that were deleted among them.</summary>
internal sealed class KeptFilePruner(Database database, FilePayloads payloads)
{
    /// <summary>Files of one pass; each is removed in writes of its own, so that nobody waits behind many.</summary>
    public const int Batch = 100;

    private readonly KeptFileStore _store = new(database);

    public async Task<PrunedKept> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        var expired = _store.Expired(now, Batch);
        var files = 0;
        foreach (var id in expired)
        {
            stop.ThrowIfCancellationRequested();
            files += await RemoveAsync(id, now).ConfigureAwait(false);
        }
        return new PrunedKept(files, More: expired.Count == Batch);
    }

    /// <summary>Removes one that nobody sees any more. The row goes last: whatever breaks in between, it is found again by it.</summary>
    public async Task<int> RemoveAsync(FileId id, DateTimeOffset now)
    {
        await payloads.DeleteAsync(id.Place, 1).ConfigureAwait(false);
        return await _store.DeleteAsync(id, now).ConfigureAwait(false);
    }
}

/// <param name="More">The pass was full: there may be more at once.</param>
internal sealed record PrunedKept(int Files, bool More);

using Headway.Storage;

namespace Headway.Payloads.Files;

/// <summary>
/// Deletes files whose job was never accepted, and uploads that were never kept: the caller left, was refused, or the node died in between.
/// Looks at the files of each id once, when it is older than <see cref="Grace"/>, and at all of them again after a start.
/// </summary>
internal sealed class OrphanPruner(Database database)
{
    /// <summary>An upload must have become a job, or a kept file, by then. Ids carry the time they were made.</summary>
    public static readonly TimeSpan Grace = TimeSpan.FromHours(1);

    /// <summary>Jobs looked at in one pass; each orphan is a write of its own, so that nobody waits behind many.</summary>
    public const int Batch = 200;

    private readonly FileStore _store = new(database);
    private JobId _seen;

    public async Task<PrunedOrphans> RunOnceAsync(DateTimeOffset now, CancellationToken stop)
    {
        var next = _store.Next(_seen, FirstOf(now - Grace), Batch);
        var (jobs, files) = (0, 0);
        foreach (var (job, owned) in next)
        {
            stop.ThrowIfCancellationRequested();
            if (!owned)
            {
                var deleted = await _store.DeleteOrphansAsync(job).ConfigureAwait(false);
                files += deleted;
                jobs += deleted > 0 ? 1 : 0;
            }
            _seen = job;
        }
        return new PrunedOrphans(jobs, files, More: next.Count == Batch);
    }

    /// <summary>The smallest id that could have been made at a time: a UUIDv7 begins with its milliseconds.</summary>
    private static JobId FirstOf(DateTimeOffset time)
    {
        Span<byte> bytes = stackalloc byte[16];
        var milliseconds = time.ToUnixTimeMilliseconds();
        for (var i = 0; i < 6; i++) bytes[i] = (byte)(milliseconds >> (40 - (8 * i)));
        return JobId.FromBytes(bytes);
    }
}

/// <param name="More">The pass was full: there may be more at once.</param>
internal sealed record PrunedOrphans(int Jobs, int Files, bool More);

using Headway.Audit.Checkpoints;
using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Audit.Retention;

/// <summary>Drops events that are older than they are kept: whole segments of the chain, each up to a checkpoint, and each sealed before anything of it goes.</summary>
/// <remarks>A segment goes when its newest event is old enough, whatever the classes of the others: docs/decisions/0018-the-audit-chain.md says why.</remarks>
internal sealed class AuditPruner(Database database, SigningKeys keys, TimeSpan keep, Func<string> node, ILogger<AuditPruner> logger)
{
    // Links dropped in one transaction: others wait for it on a file.
    private const int Batch = 2_000;

    // Checkpoints of a week.
    private const int Looks = 10_000;

    private static readonly Sql FirstLink = Sql.At("Audit/Retention/FirstLink");
    private static readonly Sql NewestUntil = Sql.At("Audit/Retention/NewestUntil");
    private static readonly Sql LastBefore = Sql.At("Audit/Retention/LastCheckpointBefore");

    private static readonly Sql ReadRetention = Sql.At("Audit/Retention/ReadRetention");

    private bool _asked;

    /// <returns>How many events went, and whether there may be more to drop at once.</returns>
    public async Task<(int Dropped, bool More)> RunOnceAsync(DateTimeOffset now)
    {
        var kept = await KeptAsync().ConfigureAwait(false);
        var before = (now - kept).ToUnixTimeMilliseconds();
        var sealedUpTo = (await database.ReadAsync(Segment.ReadAsync).ConfigureAwait(false))?.Last ?? 0;
        var first = await database.ReadAsync(FirstAsync).ConfigureAwait(false);
        if (first is { } rest && rest <= sealedUpTo) return await DropAsync(sealedUpTo, before).ConfigureAwait(false);
        var key = await keys.NewestAsync().ConfigureAwait(false);
        if (await EndAsync(key.Chain, sealedUpTo, before).ConfigureAwait(false) is not { } end) return default;
        // Commits come out of order, and a clock may have been set: what was signed then may hold something younger.
        var (newest, _, _) = await NextAsync(sealedUpTo, end.Seq, int.MaxValue).ConfigureAwait(false);
        if (newest >= before * 1_000) return default;
        await database.WriteAsync(new SealSegment(end, kept, key, node(), now)).ConfigureAwait(false);
        return (0, true);
    }

    private async Task<(int Dropped, bool More)> DropAsync(long sealedUpTo, long before)
    {
        var (_, count, last) = await NextAsync(0, sealedUpTo, Batch).ConfigureAwait(false);
        await database.WriteAsync(new DropEvents(last, before)).ConfigureAwait(false);
        return (count, last < sealedUpTo);
    }

    /// <summary>How long events are kept. The owner of a server's database may say longer than this node was told, and only the owner's role can say less.</summary>
    private async Task<TimeSpan> KeptAsync()
    {
        if (!database.IsShared) return keep;
        if (!_asked)
        {
            try
            {
                await database.WriteAsync(new KeepAtLeast(keep)).ConfigureAwait(false);
            }
            catch (StorageException)
            {
                logger.LogWarning("This node's role may not say how long audit events are kept: what audit_retention says holds. Its owner changes it with: UPDATE audit_retention SET keep = {Keep}", (long)keep.TotalMilliseconds);
            }
            _asked = true;
        }
        var owners = await database.ReadAsync(async session =>
        {
            using var read = session.Use(ReadRetention);
            return await read.StepAsync().ConfigureAwait(false) ? TimeSpan.FromMilliseconds(read.Int64(0)) : TimeSpan.Zero;
        }).ConfigureAwait(false);
        return owners > keep ? owners : keep;
    }

    private static async ValueTask<long?> FirstAsync(Session session)
    {
        using var first = session.Use(FirstLink);
        return await first.StepAsync().ConfigureAwait(false) ? first.Int64(0) : null;
    }

    private ValueTask<Checkpoint?> EndAsync(JobId chain, long after, long before) => database.ReadAsync(async session =>
    {
        using var last = session.Use(LastBefore).Bind(1, after).Bind(2, Looks).Bind(3, before);
        return await last.StepAsync().ConfigureAwait(false) ? Checkpoint.Read(last, chain) : null;
    });

    private ValueTask<(long Newest, int Count, long Last)> NextAsync(long after, long upto, int most) => database.ReadAsync(async session =>
    {
        using var next = session.Use(NewestUntil).Bind(1, after).Bind(2, upto).Bind(3, most);
        await next.StepAsync().ConfigureAwait(false);
        return next.IsNull(0) ? (0L, 0, upto) : (next.Int64(0), next.Int32(1), next.Int64(2));
    });
}

using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>Puts some dead letters back into their queues as far as these have room, and notes how far the replay of many came. One bad row hurts only itself.</summary>
/// <param name="room">The most that each pool may hold.</param>
/// <param name="mark">Where the replay keeps how far it came; null: nowhere.</param>
/// <param name="advance">The mark after this batch, by the verdicts.</param>
internal sealed class ReplayMany(
    IReadOnlyList<Replay> replays, IReadOnlyDictionary<long, int> room, ReplayMark? mark, Func<IReadOnlyList<ReplayVerdict>, ReplayProgress> advance, long now) : Write<IReadOnlyList<ReplayVerdict>?>
{
    private static readonly Sql Advance = Sql.At("Jobs/Storage/AdvanceReplay");

    /// <summary>The most that their tenant may have in all queues; null: no bound.</summary>
    public int? TenantRoom { get; init; }

    internal override IReadOnlyList<Claim> Claims => [.. replays.Select(replay => Claim.On(replay.Job))];

    // On a connection of its own: a batch is longer than what calls should wait for.
    internal override Writer Writer => Writer.Upkeep;

    /// <summary>Null: somebody else has taken this replay over, and nothing was written.</summary>
    protected override async ValueTask<IReadOnlyList<ReplayVerdict>?> ApplyAsync(Session session)
    {
        var left = new Dictionary<long, long>();
        foreach (var (pool, most) in room)
        {
            using var count = AcceptJob.CountOfPool(session, pool, most);
            await count.StepAsync().ConfigureAwait(false);
            left[pool] = most - count.Int64(0);
        }
        var leftOfTenant = long.MaxValue;
        if (TenantRoom is { } limit && replays.Count > 0)
        {
            using var count = AcceptJob.CountOfTenant(session, replays[0].Gate, limit);
            await count.StepAsync().ConfigureAwait(false);
            leftOfTenant = limit - count.Int64(0);
        }
        var verdicts = new ReplayVerdict[replays.Count];
        for (var i = 0; i < verdicts.Length; i++)
        {
            var (replay, replayed) = (replays[i], false);
            if (left[replay.Pool] <= 0 || leftOfTenant <= 0)
            {
                verdicts[i] = leftOfTenant <= 0 ? ReplayVerdict.NoTenantRoom : ReplayVerdict.NoRoom;
                continue;
            }
            var error = await session.ApartAsync(async () => replayed = await ReplayJob.ApplyAsync(session, replay, now).ConfigureAwait(false)).ConfigureAwait(false);
            verdicts[i] = error is not null ? ReplayVerdict.Bad : replayed ? ReplayVerdict.Replayed : ReplayVerdict.NotDead;
            if (verdicts[i] is not ReplayVerdict.Replayed) continue;
            left[replay.Pool]--;
            leftOfTenant--;
        }
        if (mark is null) return verdicts;
        var progress = advance(verdicts);
        var mine = await session.Use(Advance)
            .Bind(1, progress.After).Bind(2, now).Bind(3, progress.Done ? 1 : 0).Bind(4, progress.Report).Bind(5, mark.Tenant).Bind(6, mark.Key).Bind(7, mark.Owner)
            .ExecuteAsync().ConfigureAwait(false) == 1;
        // Thrown, so that nothing of the batch stays: whoever took over decides about these jobs.
        return mine ? verdicts : throw new StorageException("storage-conflict", "This replay was taken over by another request with its Idempotency-Key.");
    }
}

internal enum ReplayVerdict { Replayed, NotDead, NoRoom, NoTenantRoom, Bad }

/// <summary>A replay of many under an idempotency key, and the request that works on it.</summary>
internal sealed record ReplayMark(string Tenant, byte[] Key, JobId Owner);

/// <param name="After">The last job that was decided about.</param>
/// <param name="Report">JSON.</param>
internal sealed record ReplayProgress(JobId? After, bool Done, string Report);

/// <summary>Begins a replay of many, goes on with one that nobody works on any more, or finds what became of it.</summary>
internal sealed class BeginReplay(ReplayMark mark, byte[] fingerprint, string report, long now) : Write<ReplayState>
{
    private static readonly Sql Forget = Sql.At("Jobs/Storage/ForgetReplays");
    private static readonly Sql Begin = Sql.At("Jobs/Storage/BeginReplay");
    private static readonly Sql TakeOver = Sql.At("Jobs/Storage/TakeOverReplay");
    private static readonly Sql Read = Sql.At("Jobs/Storage/ReadReplay");

    // A batch takes well under a second; who is silent for this long is gone.
    public const long SilentForMilliseconds = 30_000;
    private const long KeptForMilliseconds = 24 * 60 * 60 * 1_000L;

    internal override IReadOnlyList<Claim> Claims => [new Claim("replay", $"{mark.Tenant}/{Convert.ToHexString(mark.Key)}")];

    protected override async ValueTask<ReplayState> ApplyAsync(Session session)
    {
        session.Use(Forget).Bind(1, now).Send();
        session.Use(Begin).Bind(1, mark.Tenant).Bind(2, mark.Key).Bind(3, fingerprint).Bind(4, mark.Owner).Bind(5, now).Bind(6, now + KeptForMilliseconds).Bind(7, report).Send();
        session.Use(TakeOver).Bind(1, mark.Owner).Bind(2, now).Bind(3, mark.Tenant).Bind(4, mark.Key).Bind(5, now - SilentForMilliseconds).Send();
        using var read = session.Use(Read).Bind(1, mark.Tenant).Bind(2, mark.Key);
        await read.StepAsync().ConfigureAwait(false);
        return new ReplayState(read.Blob(0).AsSpan().SequenceEqual(fingerprint), read.JobId(1) == mark.Owner, read.Time(2), read.IsNull(3) ? null : read.JobId(3), read.Int64(4) == 1, read.Text(5)!);
    }
}

/// <param name="Same">What is asked is what was asked.</param>
/// <param name="Mine">This request works on it.</param>
internal sealed record ReplayState(bool Same, bool Mine, DateTimeOffset Until, JobId? After, bool Done, string Report);

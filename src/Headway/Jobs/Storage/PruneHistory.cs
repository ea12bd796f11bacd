using Headway.Caching;
using Headway.Jobs.Running;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>
/// Takes away what retention says: payloads first, the record when its own time comes. Audit events stay. An idempotency key ends with the
/// record it leads to (FindIdempotency asks for it), and its row when it expires.
/// </summary>
internal sealed class PruneHistory(long now, int limit) : Write<Pruned>
{
    // A row that cannot be pruned is reported daily, and does not stand before the others until then.
    private static readonly TimeSpan LookAgain = TimeSpan.FromDays(1);

    private static readonly Sql Find = Sql.At("Jobs/Storage/FindPrunable");
    private static readonly Sql DeletePayload = Sql.At("Jobs/Storage/DeletePayload");
    private static readonly Sql DeleteJob = Sql.At("Jobs/Storage/DeleteJob");
    private static readonly Sql DeleteModelCalls = Sql.At("Jobs/Storage/DeleteModelCalls");
    private static readonly Sql DeleteAttempts = Sql.At("Jobs/Storage/DeleteAttempts");
    private static readonly Sql Forget = Sql.At("Jobs/Storage/ForgetPayloads");
    private static readonly Sql ForgetWords = Sql.At("Jobs/Storage/ForgetWords");
    private static readonly Sql Postpone = Sql.At("Jobs/Storage/PostponePrune");
    private static readonly Sql DeleteKeys = Sql.At("Jobs/Storage/DeleteIdempotency");

    private static readonly Sql AnyPending = Sql.At("Jobs/Storage/AnyPendingDelivery");
    private static readonly Sql DeleteDeliveryAttempts = Sql.At("Jobs/Storage/DeleteDeliveryAttempts");
    private static readonly Sql DeleteDeliveries = Sql.At("Jobs/Storage/DeleteDeliveries");

    private sealed record Old(JobId Id, JobState State, long Finished, long? Input, long? Result, string Definition, bool IsTold, bool IsHeld);

    private long Later => now + (long)LookAgain.TotalMilliseconds;

    internal override Writer Writer => Writer.Upkeep;

    protected override async ValueTask<Pruned> ApplyAsync(Session session)
    {
        var old = await FindOldAsync(session).ConfigureAwait(false);
        var bad = new List<BadRow>();
        var (records, payloads) = (0, 0);
        foreach (var job in old)
        {
            var whole = false;
            if (job.IsHeld)
            {
                // Looked at again each day until it is released: then it is overdue.
                session.Use(Postpone).Bind(1, Later).Bind(2, job.Id).Send();
            }
            else if (await session.ApartAsync(async () => whole = await PruneAsync(session, job, bad).ConfigureAwait(false)).ConfigureAwait(false) is { } error)
            {
                session.Use(Postpone).Bind(1, Later).Bind(2, job.Id).Send();
                bad.Add(new BadRow(job.Id, $"it cannot be pruned, which is tried again in a day: {error.Message}"));
            }
            else if (whole) records++;
            else payloads++;
        }
        var keys = await session.Use(DeleteKeys).Bind(1, now).Bind(2, limit).ExecuteAsync().ConfigureAwait(false);
        var answers = await CachedAnswers.PruneAsync(session, now, limit).ConfigureAwait(false);
        return new Pruned(records, payloads, keys, answers, old.Count == limit || keys >= limit || answers == limit, bad);
    }

    private async ValueTask<List<Old>> FindOldAsync(Session session)
    {
        var old = new List<Old>();
        using var find = session.Use(Find).Bind(1, now).Bind(2, limit);
        while (await find.StepAsync().ConfigureAwait(false)) old.Add(new Old(find.JobId(0), (JobState)find.Int64(2), find.Int64(3), find.Int64OrNull(4), find.Int64OrNull(5), find.Text(6)!, !find.IsNull(7), find.Int64(8) == 1));
        return old;
    }

    /// <summary>True: the record went; false: only what it held.</summary>
    private async ValueTask<bool> PruneAsync(Session session, Old job, List<BadRow> bad)
    {
        foreach (var payload in new[] { job.Input, job.Result })
        {
            if (payload is not null) session.Use(DeletePayload).Bind(1, payload).Send();
        }
        await JobWrites.ForgetContentAsync(session, job.Id).ConfigureAwait(false);
        var recordEnds = RecordEnds(job, bad);
        // An endpoint that is still to be told of it is told by its record.
        if (job.IsTold && recordEnds <= now && await IsPendingAsync(session, job.Id).ConfigureAwait(false)) recordEnds = Later;
        if (recordEnds is null || recordEnds > now)
        {
            session.Use(Forget).Bind(1, recordEnds).Bind(2, job.Id).Send();
            session.Use(ForgetWords).Bind(1, job.Id).Send();
            return false;
        }
        if (job.IsTold)
        {
            session.Use(DeleteDeliveryAttempts).Bind(1, job.Id).Send();
            session.Use(DeleteDeliveries).Bind(1, job.Id).Send();
        }
        session.Use(DeleteAttempts).Bind(1, job.Id).Send();
        session.Use(DeleteModelCalls).Bind(1, job.Id).Send();
        session.Use(DeleteJob).Bind(1, job.Id).Send();
        return true;
    }

    private static async ValueTask<bool> IsPendingAsync(Session session, JobId job)
    {
        using var pending = session.Use(AnyPending).Bind(1, job);
        return await pending.StepAsync().ConfigureAwait(false) && pending.Int64(0) == 1;
    }

    // A dead letter is only pruned as a whole: that its time has come was decided when it died. Of any other the payload's time may have come
    // alone, so with a definition that cannot be read the payload goes and the record is looked at again.
    private long? RecordEnds(Old job, List<BadRow> bad)
    {
        if (job.State is JobState.Dead) return now;
        var retention = PinnedRetention.Of(job.Id, job.Definition, bad);
        return ReferenceEquals(retention, PinnedRetention.Unknown) ? Later : Endings.Add(job.Finished, retention.Record);
    }
}

/// <param name="Answers">That were kept to be given again.</param>
/// <param name="More">There is more to prune now.</param>
/// <param name="Bad">Rows with which something is wrong.</param>
internal sealed record Pruned(int Records, int Payloads, int Keys, int Answers, bool More, IReadOnlyList<BadRow> Bad);

using Headway.Access;
using Headway.Audit;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Payloads;
using Headway.Payloads.Files;
using Headway.Payloads.Holds;
using Headway.Storage;

namespace Headway.Jobs.Subjects;

/// <summary>Takes away everything that is kept about a subject, and destroys the keys under which it was sealed.</summary>
/// <remarks>
/// What its jobs and files hold goes first, each with its event, in any number of writes; an erasure that breaks off is asked for again. The last write destroys the
/// keys, and does so only if nothing is held, nothing is under way and nothing is left: so whoever is told that a subject is erased was not told too early. Rows
/// that a copy of the database still has, and payloads that callers carry (summaries of conversations), cannot be opened from then on.
///
/// Invariant: nothing of a subject is kept under a key that is destroyed. The last write locks the keys before it looks, and whoever accepts a call or keeps a file, on any
/// node, holds the key that it was sealed with in the transaction that keeps it (<see cref="KeyStore.HoldAsync"/>). So either that one is first, and the erasure finds its job
/// or file; or the key is gone, and it is refused and may come again. Nodes ask for destroyed keys every second, and seal nothing with them afterwards. Sync calls, which are
/// recorded when they have been answered, are recorded all the same: what they said nobody can open. So do the files of an input whose upload began before: its job dies.
/// </remarks>
internal sealed class SubjectErasure(Database database, Vault vault, JobReader jobs, Versions versions, KeptFiles files, Func<string> node)
{
    private const int Batch = 100;

    // Somebody goes on making jobs of the subject that end at once: whoever erases must stop that first.
    private const int MostRounds = 20;

    private static readonly Sql FindContent = Sql.At("Jobs/Subjects/FindContent");
    private static readonly Sql CountUnderWay = Sql.At("Jobs/Subjects/CountUnderWay");

    /// <summary>Durable when it returns.</summary>
    public async Task<ErasureVerdict> EraseAsync(Caller caller, string subject, CancellationToken stop)
    {
        await vault.ReadyAsync(caller.Tenant).ConfigureAwait(false);
        var (tenant, mac) = (caller.Tenant, vault.SubjectMac(caller.Tenant, subject));
        var (erasedJobs, erasedFiles) = (0, 0);
        if (await database.ReadAsync(session => HindranceAsync(session, tenant, mac)).ConfigureAwait(false) is { } hindrance) return hindrance;
        for (var round = 0; round < MostRounds; round++)
        {
            erasedJobs += await ForgetJobsAsync(caller, mac, stop).ConfigureAwait(false);
            erasedFiles += await files.EraseAsync(caller, mac, stop).ConfigureAwait(false);
            var verdict = await database.WriteAsync(new DestroyKeys(tenant, mac, Event(caller, mac), database.Now)).ConfigureAwait(false);
            if (verdict is null) continue;
            if (verdict is ErasureVerdict.Erased erased)
            {
                vault.Forget(erased.Keys);
                return erased with { Jobs = erasedJobs, Files = erasedFiles };
            }
            return verdict;
        }
        return new ErasureVerdict.Busy(0);
    }

    private async Task<int> ForgetJobsAsync(Caller caller, byte[] subject, CancellationToken stop)
    {
        var forgotten = 0;
        while (true)
        {
            stop.ThrowIfCancellationRequested();
            var ids = await database.ReadAsync(session => ContentAsync(session, caller.Tenant, subject, Batch)).ConfigureAwait(false);
            var ends = await Task.WhenAll(ids.Select(id => ForgetAsync(caller, id))).ConfigureAwait(false);
            var done = ends.Count(end => end is Forgotten.Done);
            forgotten += done;
            // What is held, or began anew, the last write finds.
            if (ids.Count < Batch || done == 0) return forgotten;
        }
    }

    private async Task<Forgotten> ForgetAsync(Caller caller, JobId id)
    {
        if (jobs.Row(caller.Tenant, id) is not { IsFinished: true } row) return Forgotten.Nothing;
        var (data, retention) = versions.Known(row.Definition);
        var prune = Endings.Add(row.Finished!.Value.ToUnixTimeMilliseconds(), row.State is JobState.Dead ? retention.Dead : retention.Record);
        return await database.WriteAsync(new ForgetJob(row, row.Audit(caller, AuditActions.Erased, data, node()), prune, database.Now)).ConfigureAwait(false);
    }

    private static async ValueTask<List<JobId>> ContentAsync(Session session, string tenant, byte[] subject, int most)
    {
        var ids = new List<JobId>();
        using var find = session.Use(FindContent).Bind(1, subject).Bind(2, tenant).Bind(3, (long)most);
        while (await find.StepAsync().ConfigureAwait(false)) ids.Add(find.JobId(0));
        return ids;
    }

    private static async ValueTask<ErasureVerdict?> HindranceAsync(Session session, string tenant, byte[] subject)
    {
        if (await LegalHolds.HoldsAsync(session, tenant, subject).ConfigureAwait(false)) return new ErasureVerdict.Held();
        using var underWay = session.Use(CountUnderWay).Bind(1, subject).Bind(2, tenant);
        await underWay.StepAsync().ConfigureAwait(false);
        return underWay.Int64(0) is > 0 and var count ? new ErasureVerdict.Busy(count) : null;
    }

    // There is no job; the id is the erasure's own.
    private AuditEvent Event(Caller caller, byte[] subject) => new()
    {
        Action = AuditActions.Erased,
        Job = JobId.New(database.Time.GetUtcNow()),
        Tenant = caller.Tenant,
        Actor = caller.Actor,
        Address = caller.Address,
        Subject = subject,
        Purpose = "subject",
        Node = node(),
        Outcome = "succeeded",
    };

    /// <summary>Null: something is left.</summary>
    private sealed class DestroyKeys(string tenant, byte[] subject, AuditEvent entry, long now) : Write<ErasureVerdict?>
    {
        internal override bool FindsItsJobs => true;

        internal override bool LeavesNoTrace => true;

        // Whoever it waits for must not wait for others of its group.
        internal override Writer Writer => Writer.Upkeep;

        protected override async ValueTask<ErasureVerdict?> ApplyAsync(Session session)
        {
            var keys = await KeyStore.LockAsync(session, tenant, subject).ConfigureAwait(false);
            if (await HindranceAsync(session, tenant, subject).ConfigureAwait(false) is { } hindrance) return hindrance;
            if ((await ContentAsync(session, tenant, subject, 1).ConfigureAwait(false)).Count > 0 || await KeptFileStore.AnyOfAsync(session, tenant, subject, now).ConfigureAwait(false)) return null;
            KeyStore.Destroy(session, tenant, keys, now);
            AuditTrail.Begin(session, entry, now);
            return new ErasureVerdict.Erased(keys);
        }
    }
}

internal abstract record ErasureVerdict
{
    /// <param name="Keys">Ids of those that were destroyed.</param>
    internal sealed record Erased(IReadOnlyList<long> Keys) : ErasureVerdict
    {
        /// <summary>That held something.</summary>
        public int Jobs { get; init; }
        public int Files { get; init; }
    }

    /// <param name="UnderWay">Jobs that have not ended; 0: they come faster than they can be erased.</param>
    internal sealed record Busy(long UnderWay) : ErasureVerdict;

    /// <summary>The subject is under a legal hold.</summary>
    internal sealed record Held : ErasureVerdict;
}

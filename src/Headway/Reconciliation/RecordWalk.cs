using Headway.Audit;
using Headway.Features;
using Headway.Jobs;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Reconciliation;

/// <summary>Walks all records: those under way that have no place in the queue, those of whose beginning or end no event tells, and those that have ended without their channels.</summary>
/// <remarks>What it finds cannot happen while every write is whole: a person with a hand in the database makes it, or a defect. So it takes its time.</remarks>
internal sealed class RecordWalk(Database database, GapBook book, Versions versions, JobNews news, TenantTerms tenants, Func<string> node)
{
    private const int Step = 2_000;

    // What is being written this moment is not judged.
    private static readonly TimeSpan Settled = TimeSpan.FromMinutes(2);

    // Older events may have gone by a retention of their own; a walk comes by more often.
    private static readonly TimeSpan Judged = TimeSpan.FromDays(1);

    private static readonly Sql Walk = Sql.At("Reconciliation/WalkJobs");

    /// <summary>Before all jobs: where a walk begins.</summary>
    public static readonly JobId First = JobId.FromBytes(new byte[16]);

    private sealed record Record(JobId Job, string Tenant, bool IsUnderWay, Mode Mode, string Feature, long? Finished, long Pool, bool IsPlaced, bool IsBegun, bool IsEnded, long Created, long Definition, string? Endpoints, long? Told, bool IsUnread)
    {
        // A sync or stream call is told of when it has ended.
        public bool IsTold => IsUnderWay ? IsBegun || Mode is Mode.Sync or Mode.Stream : IsBegun && IsEnded;

        // Of the events of a reading none is older than that of the beginning: while that is there, the others are.
        public bool WasNeverRead => IsUnread && IsBegun;

        public bool LacksRows => !IsUnderWay && Endpoints is not null && Told < Outbox.Names(Endpoints).Count();
    }

    /// <summary>One step.</summary>
    /// <param name="after">The job after which it begins.</param>
    /// <returns>What was found, and where the next step begins; null: the walk has come to its end.</returns>
    public async Task<(int Found, JobId? Next)> StepAsync(DateTimeOffset now, JobId after)
    {
        var records = await database.ReadAsync(session => ReadAsync(session, now, after)).ConfigureAwait(false);
        var gaps = new List<Gap>();
        foreach (var record in records.Where(record => record.IsUnderWay && !record.IsPlaced))
        {
            if (await MendAsync(record).ConfigureAwait(false) is { } gap) gaps.Add(gap);
        }
        var judged = (now - Judged).ToUnixTimeMilliseconds();
        gaps.AddRange(records.Where(record => (record.Finished ?? record.Created) >= judged && !record.IsTold).Select(record =>
            new Gap(GapKinds.Unaudited, record.Job.ToString()) { Tenant = record.Tenant, Feature = record.Feature, Job = record.Job }));
        foreach (var record in records.Where(record => record.LacksRows))
        {
            if (await database.WriteAsync(new PutBack(record.Job, database.Now)).ConfigureAwait(false))
                gaps.Add(new Gap(GapKinds.Undelivered, $"{record.Job} {record.Endpoints}") { Tenant = record.Tenant, Feature = record.Feature, Job = record.Job, Did = GapDeeds.Mended });
        }
        gaps.AddRange(records.Where(record => record.WasNeverRead && IsPolled(record.Definition)).Select(record =>
            new Gap(GapKinds.Undelivered, record.Job.ToString()) { Tenant = record.Tenant, Feature = record.Feature, Job = record.Job }));
        await book.NoteAsync(gaps).ConfigureAwait(false);
        return (gaps.Count, records.Count == Step ? records[^1].Job : null);
    }

    // A definition that cannot be read promises nothing that could be held against it.
    private bool IsPolled(long definition)
    {
        try
        {
            return versions.Pinned(definition).Version.Delivery.Contains(DeliveryChannel.Poll);
        }
        catch (StorageException error) when (error.Code is "storage-corrupt")
        {
            return false;
        }
    }

    private async Task<Gap?> MendAsync(Record record)
    {
        var isOneShot = record.Mode is Mode.Sync or Mode.Stream;
        var mended = isOneShot
            ? await database.WriteAsync(new CloseUnknown(record.Job, versions, node(), database.Now)).ConfigureAwait(false)
            : await database.WriteAsync(new QueueAgain(record.Job, record.Pool, tenants.GateOf(record.Tenant), tenants.WeightOf, database.Now)).ConfigureAwait(false);
        if (!mended) return null;
        if (isOneShot) news.Ended(record.Job);
        else news.Queued(record.Pool);
        return new Gap(isOneShot ? GapKinds.Unclosed : GapKinds.Misplaced, record.Job.ToString()) { Tenant = record.Tenant, Feature = record.Feature, Job = record.Job, Did = GapDeeds.Mended };
    }

    private static async ValueTask<List<Record>> ReadAsync(Session session, DateTimeOffset now, JobId after)
    {
        var records = new List<Record>(Step);
        using var walk = session.Use(Walk).Bind(1, now.ToUnixTimeMilliseconds()).Bind(2, after).Bind(3, (now - Settled).ToUnixTimeMilliseconds()).Bind(4, (long)Step);
        while (await walk.StepAsync().ConfigureAwait(false))
        {
            records.Add(new Record(walk.JobId(0), walk.Text(1)!, walk.Int64(2) == 0, (Mode)walk.Int64(3), walk.Text(4)!, walk.Int64OrNull(5), walk.Int64(6), walk.Int64(7) == 1, walk.Int64(8) == 1, walk.Int64(9) == 1, walk.Int64(10),
                walk.Int64(11), walk.Text(12), walk.Int64OrNull(13), walk.Int64(14) == 1));
        }
        return records;
    }

    /// <summary>False: it has its place again, or has ended.</summary>
    private sealed class QueueAgain(JobId job, long pool, string? gate, Func<string, int> weight, long now) : Write<bool>
    {
        private static readonly Sql Insert = Sql.At("Reconciliation/QueueAgain");

        internal override IReadOnlyList<Claim> Claims => [Claim.On(job)];

        protected override async ValueTask<bool> ApplyAsync(Session session)
        {
            if (await session.Use(Insert).Bind(1, gate).Bind(2, now).Bind(3, job).ExecuteAsync().ConfigureAwait(false) == 0) return false;
            await Turns.TakeAsync(session, [new Arrival(job, pool, ComesBack: true)], weight).ConfigureAwait(false);
            return true;
        }
    }

    /// <summary>Puts into the outbox what is not there of a job's end. False: it is.</summary>
    private sealed class PutBack(JobId job, long now) : Write<bool>
    {
        // The record may say that it ended when it began, a little later than what was put there with it.
        private static readonly TimeSpan Apart = TimeSpan.FromMinutes(1);

        private static readonly Sql Find = Sql.At("Reconciliation/FindEnded");
        private static readonly Sql FindTold = Sql.At("Reconciliation/FindTold");

        internal override IReadOnlyList<Claim> Claims => [Claim.On(job)];

        protected override async ValueTask<bool> ApplyAsync(Session session)
        {
            string tenant, endpoints;
            JobState state;
            long finished;
            using (var find = session.Use(Find).Bind(1, job))
            {
                if (!await find.StepAsync().ConfigureAwait(false)) return false;
                (tenant, endpoints, state, finished) = (find.Text(0)!, find.Text(1)!, (JobState)find.Int64(2), find.Int64(3));
            }
            if (Outbox.EventOf(state) is not { } word) return false;
            var told = new HashSet<string>(StringComparer.Ordinal);
            using (var read = session.Use(FindTold).Bind(1, job).Bind(2, word).Bind(3, finished - (long)Apart.TotalMilliseconds))
            {
                while (await read.StepAsync().ConfigureAwait(false)) told.Add(read.Text(0)!);
            }
            if (Outbox.Without(endpoints, told) is not { } rest) return false;
            Outbox.Put(session, new Addressees(tenant, rest), job, state, now);
            return true;
        }
    }

    /// <summary>Nobody knows how the call ended: that is what is told. False: it was closed meanwhile.</summary>
    private sealed class CloseUnknown(JobId job, Versions versions, string node, long now) : Write<bool>
    {
        private const string Code = "unknown";

        private static readonly Sql Find = Sql.At("Reconciliation/FindUnclosed");

        internal override IReadOnlyList<Claim> Claims => [Claim.On(job)];

        protected override async ValueTask<bool> ApplyAsync(Session session)
        {
            JobOrigin origin;
            using (var find = session.Use(Find).Bind(1, job))
            {
                if (!await find.StepAsync().ConfigureAwait(false)) return false;
                origin = new JobOrigin(job, find.Text(0)!, find.Text(1)!, null, find.Int64(2), (DataClass)find.Int64(3), find.Blob(4));
            }
            await JobWrites.SpendUnknownAsync(session, job, 1, now).ConfigureAwait(false);
            await JobWrites.FinishJobAsync(session, job, new Ending
            {
                State = JobState.Failed,
                Finished = now,
                Failure = new SealedFailure(Code, FailureKind.Unavailable, Code, null),
                Node = node,
                Prune = Endings.PruneAt(versions.Known(origin.Definition).Retention, now),
                Audit = [origin.Audit(AuditActions.Failed, Code, node)],
            }).ConfigureAwait(false);
            return true;
        }
    }
}

using Headway.Audit;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Jobs.Workers;

/// <summary>Gives workers jobs: what there is at once, else what comes while they wait.</summary>
internal sealed class WorkerClaims(
    Database database, WorkerSessions sessions, PullPools pools, WorkerBell bell, HeldWork held, WorkReader reader, WorkerEnds settling, WorkerRenewals renewals, AttemptEnds ends, JobNews news,
    NodeLease lease, TenantTerms tenants, Func<FeatureFile> file, ILogger<WorkerClaims> logger)
{
    /// <summary>More in one answer would only wait in the worker.</summary>
    public const int MostJobs = 100;

    // All inputs of an answer are in memory at once, opened and as text. One is always given, however large it is.
    private const long MostBytes = 32L << 20;

    private int _turn;
    private int _fit = MostJobs;

    /// <summary>How long a claim may wait: a worker that only claims is never silent for as long as its lease.</summary>
    public TimeSpan LongestWait => lease.Length * 2 / 3;

    /// <summary>Often enough that one renewal may be lost, and another.</summary>
    public TimeSpan RenewEvery => lease.RenewEvery;

    /// <param name="left">The worker is gone, or the node stops: what it would have been given stays for others.</param>
    public async Task<WorkerAnswer<HandedOut>> ClaimAsync(WorkerClaim claim, CancellationToken left)
    {
        var session = claim.Session is null ? (WorkerSession?)null : sessions.Read(claim.Session);
        if (claim.Session is not null && session is null) return WorkerRefusal.SessionUnknown;
        var found = await pools.FindAsync(claim.Features).ConfigureAwait(false);
        if (found.Refusal is { } refusal) return refusal;
        var wanted = InTurn(found.Value!);
        var worker = session?.Worker ?? claim.Worker;
        var until = database.Time.GetUtcNow() + (claim.Wait < LongestWait ? claim.Wait : LongestWait);
        if (session is { } named && claim.Jobs is { } still) await renewals.ReturnStraysAsync(named, still).ConfigureAwait(false);
        using var waiting = bell.Expect([.. wanted.Select(pool => pool.Version.Pool)], claim.Tenant);
        while (true)
        {
            var now = database.Now;
            var expires = now + (long)lease.Length.TotalMilliseconds;
            // Begun together with the claim, where there is a lease: two writes, and one transaction.
            var signedOn = database.WriteAsync(new SignOn(worker, session?.Lease, expires, wanted, now));
            session ??= new WorkerSession((await signedOn.ConfigureAwait(false))!.Value, worker);
            var most = Math.Min(claim.Most, Volatile.Read(ref _fit));
            var claimed = await database.WriteAsync(new ClaimForWorker(worker, session.Value.Lease, wanted, most, now)
            {
                RunningLimit = tenants.AnyLimits ? tenants.RunningOf : null,
                Weight = tenants.WeightOf,
                Tenant = claim.Tenant,
            }).ConfigureAwait(false);
            if (claimed is null || await signedOn.ConfigureAwait(false) is null) return WorkerRefusal.SessionLost;
            waiting.Found(mayBeMore: claimed.Count == most);
            var jobs = claimed.Count == 0 ? [] : await HandOutAsync(session.Value, claimed).ConfigureAwait(false);
            if (jobs.Count > 0 || !await ComesAsync(waiting, wanted, claim.Tenant, until, left).ConfigureAwait(false)) return new HandedOut(sessions.TextOf(session.Value), DateTimeOffset.FromUnixTimeMilliseconds(expires), jobs);
        }
    }

    /// <summary>The answer did not reach its worker: the jobs are others' at once, and nothing is counted. What this node cannot do any more is done when the worker next renews.</summary>
    public async Task ReturnAsync(HandedOut given)
    {
        if (sessions.Read(given.Session) is not { } session) return;
        foreach (var job in given.Jobs) await settling.ReleaseAsync(job.Held, session.Worker).ConfigureAwait(false);
    }

    // Another one comes first each time, so that a busy feature does not keep a worker from the others.
    private List<WantedPool> InTurn(IReadOnlyList<WantedPool> all)
    {
        var first = (int)((uint)Interlocked.Increment(ref _turn) % (uint)all.Count);
        return [.. all.Skip(first), .. all.Take(first)];
    }

    /// <summary>False: the wait is over.</summary>
    private async Task<bool> ComesAsync(WorkerBell.WaitingClaim waiting, List<WantedPool> wanted, string? tenant, DateTimeOffset until, CancellationToken left)
    {
        while (true)
        {
            var rest = until - database.Time.GetUtcNow();
            if (rest <= TimeSpan.Zero || left.IsCancellationRequested) return false;
            try
            {
                // A word may be lost, and none is said where a slot of a full pool becomes free by a rescue.
                await waiting.WaitAsync(rest < database.LookAfter ? rest : database.LookAfter, database.Time, left).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                return false;
            }
            // A look costs a read; the write follows only where it will find something.
            if (await database.ReadAsync(session => AnyAsync(session, wanted, tenant, tenant is null ? null : tenants.RunningOf(tenant))).ConfigureAwait(false)) return true;
            waiting.Found(mayBeMore: false);
        }
    }

    private static async ValueTask<bool> AnyAsync(Session session, List<WantedPool> wanted, string? tenant, int? running)
    {
        foreach (var pool in wanted)
        {
            if (await WorkerPools.HasWorkAsync(session, pool, tenant, running).ConfigureAwait(false)) return true;
        }
        return false;
    }

    /// <summary>Opens what was claimed and records that the worker is shown it, all in one write.</summary>
    private async Task<IReadOnlyList<GivenJob>> HandOutAsync(WorkerSession session, IReadOnlyList<ClaimedJob> all)
    {
        var claimed = await FittingAsync(session, all).ConfigureAwait(false);
        var open = new List<(HeldAttempt Held, long Until)>(claimed.Count);
        var rows = await FindAsync(claimed).ConfigureAwait(false);
        for (var i = 0; i < claimed.Count; i++)
        {
            if (await OpenAsync(claimed[i], rows?[i], session.Worker).ConfigureAwait(false) is not { } attempt) continue;
            open.Add((attempt, UntilOf(attempt)));
        }
        if (open.Count == 0) return [];
        var kept = await database.WriteAsync(new HandOut([.. open.Select(job => new HandedJob(job.Held.Claimed.Fence, job.Until, Disclosed(job.Held, session)))], database.Now)).ConfigureAwait(false);
        var given = new List<GivenJob>(open.Count);
        for (var i = 0; i < open.Count; i++)
        {
            if (!kept[i]) continue;
            held.Keep(open[i].Held);
            news.Changed(open[i].Held.Claimed.Fence.Job);
            given.Add(new GivenJob(open[i].Held, DateTimeOffset.FromUnixTimeMilliseconds(open[i].Until)));
        }
        return given;
    }

    /// <summary>As many of them as may be opened together; the rest is others' at once.</summary>
    private async Task<IReadOnlyList<ClaimedJob>> FittingAsync(WorkerSession session, IReadOnlyList<ClaimedJob> claimed)
    {
        var sizes = claimed.Count == 1 ? [0] : await reader.SizesAsync(claimed).ConfigureAwait(false);
        var (fit, bytes) = (0, 0L);
        while (fit < sizes.Count && (fit == 0 || bytes + sizes[fit] <= MostBytes)) bytes += sizes[fit++];
        // Where inputs are large, the next claim takes no more than fits: what is put back leaves an attempt in the history of its job.
        Volatile.Write(ref _fit, fit < claimed.Count ? fit : Math.Min(MostJobs, Volatile.Read(ref _fit) * 2));
        if (fit == claimed.Count) return claimed;
        List<ClaimedJob> rest = [.. claimed.Skip(fit)];
        await database.WriteAsync(new ReturnJobs(rest, session.Worker, database.Now)).ConfigureAwait(false);
        foreach (var job in rest) news.Changed(job.Fence.Job);
        news.Queued();
        return [.. claimed.Take(fit)];
    }

    private static long UntilOf(HeldAttempt attempt)
    {
        var until = attempt.Claimed.Started + (long)attempt.Work.Version.Timeout.TotalMilliseconds;
        return attempt.Work.Deadline is { } deadline ? Math.Min(until, deadline.ToUnixTimeMilliseconds()) : until;
    }

    private static AuditEvent Disclosed(HeldAttempt attempt, WorkerSession session) =>
        attempt.Work.Origin.Audit(AuditActions.Disclosed, node: session.Worker, recipient: session.Worker) with { Purpose = "worker" };

    // All in one look at the database. Null: one of them cannot be read, so each is looked for by itself.
    private async ValueTask<IReadOnlyList<WorkRow>?> FindAsync(IReadOnlyList<ClaimedJob> claimed)
    {
        try
        {
            return await reader.FindAsync(claimed).ConfigureAwait(false);
        }
        catch (StorageException)
        {
            return null;
        }
    }

    // One bad job hurts only itself. Trouble of the disk is no crash of it; a row that is damaged, or has no input, would never run and ends as poison.
    private async Task<HeldAttempt?> OpenAsync(ClaimedJob job, WorkRow? row, string worker)
    {
        HeldAttempt attempt;
        try
        {
            row ??= (await reader.FindAsync([job]).ConfigureAwait(false))[0];
            attempt = new HeldAttempt(await reader.OpenAsync(row, CancellationToken.None).ConfigureAwait(false), job);
        }
#pragma warning disable CA1031 // Whatever is wrong with it must not keep the others from the worker.
        catch (Exception error)
#pragma warning restore CA1031
        {
            logger.LogError(error, "{Job} could not be handed to a worker", job.Fence.Job);
            await (error is StorageException { MayPass: true } ? ends.HandBackAsync(job) : ends.TakeBackAsync(job.Fence)).ConfigureAwait(false);
            return null;
        }
        if (Refuse(attempt.Work.Version) is not { } refused) return attempt;
        await settling.SettleAsync(attempt, worker, new Outcome.Failed(refused)).ConfigureAwait(false);
        return null;
    }

    /// <summary>What a job was accepted with is kept, but not against an agreement that has ended since: the stricter of then and now counts.</summary>
    private Failure? Refuse(FeatureVersion version)
    {
        var data = version.Contract.Data;
        var now = file().Features.GetValueOrDefault(version.Feature)?.Versions.FirstOrDefault(other => other.Number == version.Number)?.Handler as WorkerDefinition;
        if (version.Handler is WorkerDefinition then && then.AllowedData.Contains(data) && now?.AllowedData.Contains(data) is not false) return null;
        return new Failure
        {
            Code = "data-not-allowed",
            Kind = FailureKind.Permanent,
            Message = $"The workers of {version.FullName} may not see {Words.Of(data)} data: nothing was handed out. Add it to allowedData of the handler if the agreement with them covers it, and replay the job.",
            Fingerprint = Failure.Print("data-not-allowed", version.FullName),
        };
    }
}

/// <summary>A worker asks for jobs.</summary>
/// <param name="Session">Null: it is not signed on yet.</param>
/// <param name="Worker">What it calls itself, where it signs on.</param>
/// <param name="Features">`name` or `name@2`.</param>
/// <param name="Most">Jobs at most.</param>
/// <param name="Wait">How long it waits for the first.</param>
internal sealed record WorkerClaim(string? Session, string Worker, IReadOnlyList<string> Features, int Most, TimeSpan Wait)
{
    /// <summary>Whose jobs alone it is given; null: those of all tenants.</summary>
    public string? Tenant { get; init; }

    /// <summary>All that it is at. Null: it does not say.</summary>
    public IReadOnlyList<WorkerAttempt>? Jobs { get; init; }
}

/// <param name="Expires">When the lease runs out unless it is renewed.</param>
internal sealed record HandedOut(string Session, DateTimeOffset Expires, IReadOnlyList<GivenJob> Jobs);

/// <param name="Held">The work, with its input.</param>
/// <param name="Until">When the attempt is cut off.</param>
internal sealed record GivenJob(HeldAttempt Held, DateTimeOffset Until);

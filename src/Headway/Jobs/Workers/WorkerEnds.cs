using System.Collections.Concurrent;
using Headway.Audit;
using Headway.Budgets;
using Headway.Caching;
using Headway.Features;
using Headway.Features.Schemas;
using Headway.Handlers;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Jobs.Workers;

/// <summary>Ends the attempts of workers: with a result, with a failure, handed back, or over their heads.</summary>
/// <remarks>Invariant: an attempt is ended once, by a write under its fence. Who says the same again, because the answer was lost, is answered as before.</remarks>
internal sealed class WorkerEnds(
    Database database, WorkerSessions sessions, HeldWork held, WorkerOutput output, Versions versions, AnswerCache cache, JobNews news, AttemptEnds ends, BudgetsInForce budgets,
    TenantTerms tenants, AttemptCosts costs, JobRetries retries, Random random, ILogger<WorkerEnds> logger)
{
    private const int SchemasKept = 1_024;

    private readonly WorkerPaces _paces = new();
    private readonly ConcurrentDictionary<string, ValueSchema> _schemas = new(StringComparer.Ordinal);

    /// <param name="result">Null: the pieces that were shown, joined.</param>
    public async Task<WorkerAnswer<JobState>> CompleteAsync(string text, WorkerAttempt attempt, Result? result, WorkerFacts facts)
    {
        if (sessions.Read(text) is not { } session) return WorkerRefusal.SessionUnknown;
        var fence = new Fence(attempt.Job, session.Lease, attempt.Attempt);
        if (await held.FindAsync(fence).ConfigureAwait(false) is not { } known) return await AgainAsync(fence, facts, session.Worker, Same).ConfigureAwait(false);
        var shown = result is null;
        result ??= await output.JoinedAsync(known).ConfigureAwait(false);
        var invalid = Judge(known.Work.Version, result);
        if (!await SettleAsync(known, session.Worker, invalid is null ? new Outcome.Done(result!) : new Outcome.Failed(invalid), facts, shown).ConfigureAwait(false)) return await AgainAsync(fence, facts, session.Worker, Same).ConfigureAwait(false);
        return invalid is null ? JobState.Succeeded : new WorkerRefusal(WorkerRefusalKind.ResultInvalid, $"{invalid.Message} The attempt has failed with `{invalid.Code}`.");

        bool Same(EndedAttempt ended) => ended.State is JobState.Succeeded && ended.Last == attempt.Attempt;
    }

    public async Task<WorkerAnswer<JobState>> FailAsync(string text, WorkerAttempt attempt, Failure failure, WorkerFacts facts)
    {
        if (sessions.Read(text) is not { } session) return WorkerRefusal.SessionUnknown;
        var fence = new Fence(attempt.Job, session.Lease, attempt.Attempt);
        var settled = await held.FindAsync(fence).ConfigureAwait(false) is { } known && await SettleAsync(known, session.Worker, new Outcome.Failed(failure), facts).ConfigureAwait(false);
        return await AgainAsync(fence, settled ? WorkerFacts.None : facts, session.Worker, ended => ended.Outcome is "failed" && (ended.Code == failure.Code || ended.Code is "expired")).ConfigureAwait(false);
    }

    /// <summary>Hands an attempt back. False: it was not the worker's any more.</summary>
    public async Task<bool> ReleaseAsync(Fence fence, string worker) => await held.FindAsync(fence).ConfigureAwait(false) is { } known && await ReleaseAsync(known, worker).ConfigureAwait(false);

    public Task<bool> ReleaseAsync(HeldAttempt attempt, string worker) => SettleAsync(attempt, worker, null);

    /// <summary>The time of an attempt is up, whatever its worker does.</summary>
    /// <returns>False: it goes on, because it could not be written, or was over before.</returns>
    public async Task<bool> CutOffAsync(ClaimedJob overdue, string worker)
    {
        try
        {
            return await held.FindAsync(overdue.Fence).ConfigureAwait(false) is { } known && await SettleAsync(known, worker, new Outcome.Failed(JobFailures.TimedOut(known.Work.Version))).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // A job that cannot be read any more must end, too, and not keep those behind it from it.
        catch (Exception error) when (error is not StorageException { MayPass: true })
#pragma warning restore CA1031
        {
            logger.LogError(error, "{Job}: the attempt of a worker cannot be settled", overdue.Fence.Job);
            await ends.TakeBackAsync(overdue.Fence).ConfigureAwait(false);
            return false;
        }
    }

    /// <summary>Writes what becomes of the job, as for an attempt of a node. False: it was not this attempt's any more.</summary>
    /// <param name="outcome">Null: handed back.</param>
    /// <param name="shown">Readers of the events have seen the result piece by piece.</param>
    public async Task<bool> SettleAsync(HeldAttempt attempt, string worker, Outcome? outcome, WorkerFacts? facts = null, bool shown = false)
    {
        var (work, claimed, told) = (Kept(attempt.Work), attempt.Claimed, facts ?? WorkerFacts.None);
        var fence = claimed.Fence;
        if (claimed.Tally.IsEmpty) retries.Earn(work.Version.FullName);
        var settlement = Settlement.Of(work, claimed, outcome, told.Spent, outcome is null ? StopReason.Draining : StopReason.None, database.Time.GetUtcNow(), worker, random.NextDouble(), () => retries.TrySpend(work.Version.FullName))!;
        var calls = new CallsOfAttempt(fence.Attempt, 0, told.Calls);
        var disclosed = told.Events(work.Origin, worker);
        var parent = tenants.ParentOf(work.Origin);
        var written = await database.WriteAsync(new EndForWorker(fence, last => settlement.Ending is { } ending
            ? new EndJob(fence, ending with { Parent = parent, Calls = calls, LastEvent = last, Shown = shown && last is not null, Audit = [.. ending.Audit, .. disclosed] }, settlement.Attempt, [])
            : new RetryJob(fence, settlement.Again!, settlement.Attempt!, calls, disclosed, []))
        {
            Parent = settlement.Ending is null ? null : parent,
            Told = told.IsEmpty ? null : ToldOf(told, work.Version.Feature, work.Origin.Tenant),
        }).ConfigureAwait(false);
        held.Drop(fence);
        if (!written) return false;
        // What is handed back was perhaps never begun, and says nothing of how long others take.
        if (outcome is not null) Charge(work.Origin, TimeSpan.FromMilliseconds(database.Now - claimed.Started));
        logger.LogDebug("{Job} attempt {Attempt} of the worker {Worker}: {Outcome}", fence.Job, fence.Attempt, worker, settlement.Word);
        if (settlement.Ending is not null) news.Ended(fence.Job, work.Origin.Endpoints);
        else news.Changed(fence.Job);
        // A slot is free, and what was handed back can be claimed. Where the tenant has a limit, others of its jobs may run, in any pool.
        news.Freed(versions.Pinned(work.Origin.Definition).Pool, parent is not null || tenants.RunningOf(work.Origin.Tenant) is not null ? work.Origin.Tenant : null);
        return true;
    }

    // A slot of a worker is held from its claim to its end, as that of a node is.
    private void Charge(JobOrigin origin, TimeSpan took)
    {
        var pool = versions.Pinned(origin.Definition).Pool;
        costs.Note(pool, origin.Tenant, took, _paces.Of(pool));
        _paces.Note(pool, took);
    }

    private ToldByWorker ToldOf(WorkerFacts facts, string feature, string tenant) => new(budgets.Of(feature, tenant), Money.ToNano(facts.Spent.Usd));

    // An answer that may be given again is kept as any other; the workers behind a name may change as the code behind one.
    private Work Kept(Work work) => work with { KeepUnder = cache.KeyOf(work.Version, work.CacheInput) };

    /// <summary>The attempt is over: by this very end, which is said again, or otherwise. What it spent is a fact in any case.</summary>
    private async Task<WorkerAnswer<JobState>> AgainAsync(Fence fence, WorkerFacts facts, string worker, Func<EndedAttempt, bool> same)
    {
        var ended = await database.ReadAsync(session => HeldByWorker.EndOfAsync(session, fence.Job, fence.Attempt)).ConfigureAwait(false);
        if (ended is null) return WorkerRefusal.AttemptLost(fence.Job, fence.Attempt);
        // Before it is answered as a repetition: an attempt that was cut off, and is then told to have failed, told nothing of this when it ended.
        if (!facts.IsEmpty && await OriginAsync(fence, worker).ConfigureAwait(false) is { } origin)
        {
            await database.WriteAsync(new RecordFacts(fence.Job, facts.Spent, new CallsOfAttempt(fence.Attempt, 0, facts.Calls), facts.Events(origin, worker), database.Now)
            {
                Told = ToldOf(facts, versions.Pinned(origin.Definition).Version.Feature, origin.Tenant),
            }).ConfigureAwait(false);
        }
        return same(ended) ? ended.State : WorkerRefusal.AttemptLost(fence.Job, fence.Attempt);
    }

    // Only of a job that this worker was given: nobody writes into the history of another's.
    private ValueTask<JobOrigin?> OriginAsync(Fence fence, string worker) => database.ReadAsync(session => HeldByWorker.OriginAsync(session, fence.Job, worker));

    private Failure? Judge(FeatureVersion version, Result? result)
    {
        if (result is null) return Invalid("was completed without a result, and nothing was shown before");
        if (result.Body.Length > ResultSize.Largest) return ResultSize.TooLarge(version.FullName);
        var isJson = result.MediaType == Result.Json;
        var schema = (version.Handler as WorkerDefinition)?.OutputSchema;
        if (!isJson && (schema is not null || version.Contract.Output is OutputShape.Structured)) return Invalid("was completed with text, where the feature file promises JSON");
        if (schema is null) return null;
        if (_schemas.Count >= SchemasKept) _schemas.Clear();
        var broken = _schemas.GetOrAdd(schema, ValueSchema.Parse).Validate(result.Body);
        return broken.Count == 0 ? null : Invalid($"was completed with a result that breaks its schema: {broken[0]}");

        Failure Invalid(string what) => new()
        {
            Code = "output-invalid",
            Kind = FailureKind.InvalidOutput,
            Message = $"{version.FullName} {what}.",
            Fingerprint = Failure.Print("output-invalid", version.FullName),
        };
    }
}

/// <summary>What a worker says that its attempt spent, and whom it showed the data: facts, whatever becomes of the attempt.</summary>
/// <param name="Disclosed">Recipients, such as the name of a model.</param>
internal sealed record WorkerFacts(IReadOnlyList<ModelCall> Calls, IReadOnlyList<string> Disclosed)
{
    public static readonly WorkerFacts None = new([], []);

    public bool IsEmpty => Calls.Count + Disclosed.Count == 0;

    public Usage Spent => Calls.Aggregate(default(Usage), static (sum, call) => sum + call.Usage);

    public IReadOnlyList<AuditEvent> Events(JobOrigin origin, string worker) =>
        [.. Disclosed.Select(recipient => origin.Audit(AuditActions.Disclosed, node: worker, recipient: recipient) with { Purpose = "worker" })];
}

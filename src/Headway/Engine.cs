using Headway.Access;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;
using Headway.Payloads.Files;
using Headway.Storage;

namespace Headway;

/// <summary>One node of Headway: every room, put together. The host (ASP.NET Core, a test, a bench) starts and stops it.</summary>
internal sealed class Engine : IAsyncDisposable
{
    private readonly EngineRooms _rooms;

    private volatile bool _stopping;

    private Engine(EngineRooms rooms) => _rooms = rooms;

    /// <summary>The feature file as it is now; a reload replaces it whole.</summary>
    public FeatureFile Features => _rooms.Catalog.Current;

    /// <summary>Where the file comes from, and what became of its last change.</summary>
    public FeatureCatalog Catalog => _rooms.Catalog;

    public Database Database => _rooms.Database;

    /// <summary>Takes the files of an input before its job is accepted (<see cref="Call.Job"/>).</summary>
    public InputFiles Files => _rooms.Files;

    /// <summary>Files that callers keep here by themselves.</summary>
    public KeptFiles KeptFiles => _rooms.KeptFiles;

    /// <exception cref="StartupException">Something is wrong with the feature file, the database or the keys.</exception>
    public static async Task<Engine> StartAsync(EngineOptions options, CancellationToken stop)
    {
        var rooms = await EngineRooms.BuildAsync(options).ConfigureAwait(false);
        try
        {
            await rooms.StartAsync(stop).ConfigureAwait(false);
            return new Engine(rooms);
        }
        catch
        {
            await rooms.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Accepts a call and answers it as its contract says. <paramref name="callerLeft"/> cancels sync work, and never what was accepted.</summary>
    public async Task<Answer> CallAsync(Call call, CancellationToken callerLeft)
    {
        if (_stopping) return Refuse(call, Refusals.Stopping);
        if (_rooms.Database.IsOverloaded) return Refuse(call, Refusals.Overloaded);
        if (call.Deadline <= _rooms.Database.Time.GetUtcNow()) return Refuse(call, Refusals.DeadlinePassed);
        try
        {
            var answer = call.Feature.Contract.Mode switch
            {
                Mode.Sync => await _rooms.Sync.AnswerAsync(call, callerLeft).ConfigureAwait(false),
                Mode.Stream => await _rooms.Stream.AnswerAsync(call, callerLeft).ConfigureAwait(false),
                Mode.Async or Mode.Hybrid => await _rooms.Queued.AnswerAsync(call, callerLeft).ConfigureAwait(false),
                _ => new Answer.Refused(Refusals.Unserved(call.Feature.FullName)),
            };
            return answer is Answer.Refused refused ? Refuse(call, refused.Refusal) : answer;
        }
        catch (StorageException error)
        {
            return Refuse(call, Refusals.Storage(error.Code, error.Message));
        }
        catch (OperationCanceledException) when (callerLeft.IsCancellationRequested)
        {
            return new Answer.Abandoned();
        }
    }

    private Answer.Refused Refuse(Call call, Refusal refusal)
    {
        NoteRefusal(new RefusedCall(call.Feature, call.Caller, refusal.Code) { Job = call.Job, Subject = call.Subject, TraceParent = call.TraceParent });
        return new Answer.Refused(refusal);
    }

    /// <summary>Tells the audit trail of a call that was turned away before it came here. Nobody waits for it.</summary>
    public void NoteRefusal(RefusedCall call) => _rooms.Refusals.Note(call);

    /// <summary>Null: unknown to this tenant.</summary>
    public async ValueTask<Job?> FindAsync(Caller caller, JobId id)
    {
        await _rooms.Sync.Records.RecordedAsync(id).ConfigureAwait(false);
        return _rooms.Jobs.Find(caller.Tenant, id);
    }

    /// <summary>Like <see cref="FindAsync"/>, but waits up to <paramref name="wait"/> for the job to finish.</summary>
    public async Task<Job?> WaitAsync(Caller caller, JobId id, TimeSpan wait, CancellationToken stop)
    {
        await _rooms.Sync.Records.RecordedAsync(id).ConfigureAwait(false);
        return await _rooms.Waiter.WaitAsync(caller.Tenant, id, wait, stop).ConfigureAwait(false);
    }

    public async ValueTask<JobPage> ListAsync(Caller caller, JobFilter filter)
    {
        await _rooms.Sync.Records.AllRecordedAsync().ConfigureAwait(false);
        return _rooms.Jobs.List(caller.Tenant, filter);
    }

    /// <summary>The result, as a delivery: `delivered` is audited before the bytes are handed out.</summary>
    public async Task<ResultAnswer> ResultAsync(Caller caller, JobId id, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        await _rooms.Sync.Records.RecordedAsync(id).ConfigureAwait(false);
        return await _rooms.Results.ReadAsync(caller, id).ConfigureAwait(false);
    }

    /// <summary>The request that a job's input was made from. Null: unknown to this tenant, or not kept.</summary>
    public async ValueTask<KeptRequest?> RequestAsync(Caller caller, JobId id)
    {
        await _rooms.Sync.Records.RecordedAsync(id).ConfigureAwait(false);
        return _rooms.Requests.Find(caller.Tenant, id);
    }

    /// <summary>Audits that the caller gets what such a job was asked: durable before it returns. False: it is gone by now.</summary>
    public Task<bool> TellRequestGivenAsync(Caller caller, JobId id) => _rooms.Requests.TellGivenAsync(caller, id);

    /// <summary>The result of such a job for a call that goes on from it: no delivery, because the call tells of what it is given. Null: there is none.</summary>
    public Result? ResultToGoOnFrom(Caller caller, JobId id) => _rooms.Requests.ResultOf(caller.Tenant, id);

    /// <summary>Takes away everything that a finished job holds; its record stays. False: there is nothing to take away.</summary>
    public Task<bool> ForgetAsync(Caller caller, JobId id) => _rooms.Requests.ForgetAsync(caller, id);

    /// <summary>Events after <paramref name="after"/>, then live ones, ending with `end`. Null: unknown to this tenant.</summary>
    public IAsyncEnumerable<JobEvent>? Events(Caller caller, JobId id, long? after, CancellationToken readerLeft) =>
        _rooms.Jobs.Row(caller.Tenant, id) is null ? null : _rooms.Events.ReadAsync(caller, id, after, answers: false, readerLeft);

    /// <summary>The events that a call is answered with (<see cref="Answer.Streaming"/>): its own reading, which the call's closing event tells of.</summary>
    public IAsyncEnumerable<JobEvent>? AnswerEvents(Caller caller, JobId id, CancellationToken readerLeft) =>
        _rooms.Jobs.Row(caller.Tenant, id) is null ? null : _rooms.Events.ReadAsync(caller, id, null, answers: true, readerLeft);

    public async ValueTask<IReadOnlyList<AttemptRecord>> AttemptsAsync(Caller caller, JobId id)
    {
        await _rooms.Sync.Records.RecordedAsync(id).ConfigureAwait(false);
        return _rooms.History.Attempts(caller.Tenant, id);
    }

    public async ValueTask<IReadOnlyList<AuditEntry>> AuditAsync(Caller caller, JobId id)
    {
        await _rooms.Sync.Records.RecordedAsync(id).ConfigureAwait(false);
        return _rooms.History.Audit(caller.Tenant, id);
    }

    /// <summary>What models cost the caller's tenant since then, by `feature`, `key` or `model`. Null: by something else.</summary>
    public async ValueTask<IReadOnlyList<CostRow>?> CostsAsync(Caller caller, string by, DateTimeOffset since)
    {
        await _rooms.Sync.Records.AllRecordedAsync().ConfigureAwait(false);
        return _rooms.Spending.CostsBy(caller.Tenant, by, since);
    }

    /// <summary>How the budgets stand that the caller's calls count against.</summary>
    public IReadOnlyList<BudgetState> Budgets(Caller caller) => _rooms.Spending.BudgetsOf(caller.Tenant);

    /// <summary>Idempotent and final. Null: unknown to this tenant.</summary>
    public async Task<Job?> CancelAsync(Caller caller, JobId id, CancellationToken stop)
    {
        await _rooms.Sync.Records.RecordedAsync(id).ConfigureAwait(false);
        return await _rooms.Operators.CancelAsync(caller, id).ConfigureAwait(false);
    }

    /// <summary>Puts a dead letter back to queued; id and history stay.</summary>
    public Task<Answer> ReplayAsync(Caller caller, JobId id, CancellationToken stop) =>
        _stopping ? Task.FromResult<Answer>(new Answer.Refused(Refusals.Stopping)) : _rooms.Operators.ReplayAsync(caller, id);

    /// <summary>Replays the dead letters that match, or only counts them.</summary>
    /// <exception cref="StorageException">`node-stopping`: a count of what was replayed would say that there was nothing to replay.</exception>
    public Task<int> ReplayDeadAsync(Caller caller, JobFilter filter, bool dryRun, CancellationToken stop) => _stopping
        ? throw new StorageException(Refusals.Stopping.Code, Refusals.Stopping.Message)
        : _rooms.Operators.ReplayDeadAsync(caller, filter, dryRun, stop);

    /// <summary>Stops accepting, lets work end for a while, hands back the rest, gives up the lease.</summary>
    public ValueTask DisposeAsync()
    {
        // Before anything else: what came in while the rooms close would be accepted, and left to the next start.
        _stopping = true;
        return _rooms.DisposeAsync();
    }
}

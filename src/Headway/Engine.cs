using Headway.Access;
using Headway.Audit;
using Headway.Delivery;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Jobs.Waiting;
using Headway.Jobs.Workers;
using Headway.Models.Limits;
using Headway.Payloads;
using Headway.Payloads.Files;
using Headway.Storage;
using Headway.Workflows;
using Headway.Workflows.History;

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

    /// <summary>Summaries that callers keep for themselves.</summary>
    public SealedSummaries Summaries => _rooms.Summaries;

    /// <summary>Files that callers keep here by themselves.</summary>
    public KeptFiles KeptFiles => _rooms.KeptFiles;

    /// <summary>From where the node is looked after.</summary>
    public EngineOversight Oversight => _rooms.Oversight;

    /// <summary>Who may come in, who did, and who was turned away.</summary>
    public AccessDesk Access => _rooms.Access;

    /// <summary>What people see of endpoints and deliveries, and what they do with them.</summary>
    public EndpointDesk Endpoints => _rooms.Endpoints;

    /// <summary>For workers that come for jobs.</summary>
    public PullWorkers Workers => _rooms.Workers;

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
        _rooms.Access.Consumers.Note(call.Feature, call.Caller);
        if (_stopping) return Refuse(call, Refusals.Stopping);
        if (_rooms.Database.IsOverloaded) return Refuse(call, Refusals.Overloaded);
        if (call.Deadline <= _rooms.Database.Time.GetUtcNow()) return Refuse(call, Refusals.DeadlinePassed);
        try
        {
            if (await _rooms.Rates.JudgeAsync(call, callerLeft).ConfigureAwait(false) is { } over) return Refuse(call, over);
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

    /// <summary>Accepts many calls of one async or hybrid version with one write, each with its own verdict, in their order; durable when it returns. None is waited for.</summary>
    public async Task<IReadOnlyList<Verdict>> SubmitAsync(IReadOnlyList<Call> calls, CancellationToken stop)
    {
        foreach (var call in calls) _rooms.Access.Consumers.Note(call.Feature, call.Caller);
        var refusal = _stopping ? Refusals.Stopping : _rooms.Database.IsOverloaded ? Refusals.Overloaded : null;
        IReadOnlyList<Verdict>? verdicts = null;
        try
        {
            if (refusal is null) verdicts = await _rooms.Bulk.AcceptAsync(calls, stop).ConfigureAwait(false);
        }
        catch (StorageException error)
        {
            refusal = Refusals.Storage(error.Code, error.Message);
        }
        verdicts ??= [.. calls.Select(_ => new Verdict(null, Submission.New, refusal))];
        for (var i = 0; i < verdicts.Count; i++)
        {
            if (verdicts[i].Refusal is { } no) Refuse(calls[i], no);
        }
        return verdicts;
    }

    /// <summary>Answers a call as the first one with its key was answered. Null: there was none, and nothing is accepted.</summary>
    public async Task<Answer?> AnswerAgainAsync(Call call, CancellationToken callerLeft)
    {
        try
        {
            return call.IdempotencyKey is null ? null : await _rooms.Repeats.TryAnswerAsync(call, callerLeft).ConfigureAwait(false);
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

    /// <summary>Whether the job is one of those that the caller's key is for. A job that its tenant does not have is: what is asked next tells so.</summary>
    public async ValueTask<bool> IsForAsync(Caller caller, JobId id)
    {
        if (caller.Features is null) return true;
        await _rooms.Sync.Records.RecordedAsync(id).ConfigureAwait(false);
        return _rooms.Jobs.Row(caller.Tenant, id) is not { } row || caller.MayCall(row.Feature);
    }

    /// <summary>Whether the job waits for somebody who may decide to decide this.</summary>
    public async ValueTask<bool> AsksAsync(Caller caller, JobId id, string approval) =>
        _rooms.Jobs.Row(caller.Tenant, id) is not null && (await _rooms.Database.ReadAsync(session => Waits.ReadAsync(session, id)).ConfigureAwait(false)).Exists(wait => wait.Kind is WaitKind.Approval && wait.Name == approval);

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
        return _rooms.Jobs.List(caller.Tenant, filter with { Features = caller.Features });
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

    /// <summary>The pieces in which such a result was shown, in their order; empty: it was not. No delivery either.</summary>
    public ValueTask<IReadOnlyList<JobEvent>> PiecesToGoOnFromAsync(Caller caller, JobId id) => _rooms.Events.PiecesAsync(caller.Tenant, id);

    /// <summary>Takes away everything that a finished job holds; its record stays.</summary>
    public Task<Forgotten> ForgetAsync(Caller caller, JobId id) => _rooms.Requests.ForgetAsync(caller, id);

    /// <summary>Events after <paramref name="after"/>, then live ones, ending with `end`. Null: unknown to this tenant.</summary>
    public IAsyncEnumerable<JobEvent>? Events(Caller caller, JobId id, long? after, CancellationToken readerLeft) =>
        _rooms.Jobs.Row(caller.Tenant, id) is null ? null : _rooms.Events.ReadAsync(caller, id, after, answers: false, logged: false, readerLeft);

    /// <summary>What becomes of the jobs of a feature or a subject, until the reader leaves.</summary>
    public IAsyncEnumerable<FeedEvent> Feed(Caller caller, JobFilter what, long? after, CancellationToken readerLeft) => _rooms.Feed.Watch(caller.Tenant, what with { Features = caller.Features }, after, readerLeft);

    /// <summary>What feeds share of their reading.</summary>
    public JobLooks Looks => _rooms.Looks;

    /// <summary>The same from the beginning, but each only when it is in the log, a tenth of a second later at most: whoever counts them counts alike, whatever becomes of this node.</summary>
    public IAsyncEnumerable<JobEvent>? LoggedEvents(Caller caller, JobId id, CancellationToken readerLeft) =>
        _rooms.Jobs.Row(caller.Tenant, id) is null ? null : _rooms.Events.ReadAsync(caller, id, null, answers: false, logged: true, readerLeft);

    /// <summary>The events that a call is answered with (<see cref="Answer.Streaming"/>): its own reading, which the call's closing event tells of. None: it is gone.</summary>
    public IAsyncEnumerable<JobEvent> AnswerEvents(Caller caller, JobId id, CancellationToken readerLeft) =>
        _rooms.Events.ReadAsync(caller, id, null, answers: true, logged: false, readerLeft);

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

    /// <summary>For auditors; knows of every call that was answered by now.</summary>
    public async ValueTask<AuditDesk> AuditDeskAsync()
    {
        await _rooms.Sync.Records.AllRecordedAsync().ConfigureAwait(false);
        return _rooms.Audit;
    }

    /// <summary>Who touched a kept file, also one that is there no more. Empty: no file of the tenant was ever kept under this id.</summary>
    public IReadOnlyList<AuditEntry> AuditOfFile(Caller caller, FileId id) => [.. _rooms.History.Audit(caller.Tenant, id.Place).Where(entry => entry.Purpose == KeptFiles.AuditPurpose)];

    /// <summary>What models cost the caller's tenant since then, by `feature`, `key` or `model`. Null: by something else.</summary>
    public async ValueTask<IReadOnlyList<CostRow>?> CostsAsync(Caller caller, string by, DateTimeOffset since)
    {
        await _rooms.Sync.Records.AllRecordedAsync().ConfigureAwait(false);
        return _rooms.Spending.CostsBy(caller.Tenant, by, since);
    }

    /// <summary>How many calls a minute the caller's tenant may make, and how many are left. Null: as many as it likes.</summary>
    public (int Limit, RateLeft Left)? RateOf(Caller caller) => _rooms.Rates.Of(caller.Tenant);

    /// <summary>The same of the caller's key.</summary>
    public (int Limit, RateLeft Left)? RateOfKeyOf(Caller caller) => _rooms.Rates.OfKeyOf(caller);

    /// <summary>How the budgets stand that the caller's calls count against.</summary>
    public IReadOnlyList<BudgetState> Budgets(Caller caller) => _rooms.Spending.BudgetsOf(caller.Tenant);

    /// <summary>Sends a signal to a job under way; durable when it returns. Null: unknown to this tenant.</summary>
    /// <param name="body">JSON.</param>
    /// <param name="key">Sent again with the same key it is the same signal.</param>
    public Task<Signalled?> SignalAsync(Caller caller, JobId id, string name, ReadOnlyMemory<byte> body, string? key, CancellationToken stop) => _rooms.Workflows.Signals.SendAsync(caller, id, name, body, key, stop);

    /// <summary>How far a workflow is. Null: unknown to this tenant. Empty: its work has no steps.</summary>
    /// <param name="after">The number after which the page begins.</param>
    public async ValueTask<StepPage?> StepsAsync(Caller caller, JobId id, long after, int limit) =>
        _rooms.Jobs.Row(caller.Tenant, id) is null ? null : await _rooms.Workflows.Steps.ReadAsync(caller.Tenant, id, after, limit).ConfigureAwait(false);

    /// <summary>Takes the answer of a system outside that was given a one-time address; durable when it returns. Null: no such address, or not any more.</summary>
    public Task<Signalled?> CallbackAsync(string token, ReadOnlyMemory<byte> body, string? address, CancellationToken stop) => _rooms.Workflows.Callbacks.TakeAsync(token, body, address, stop);

    /// <summary>Runs a workflow again from one of its steps on, as a new job. Null: unknown to this tenant.</summary>
    public Task<Answer?> RerunAsync(Caller caller, JobId id, RerunAsk ask, CancellationToken stop) =>
        _stopping ? Task.FromResult<Answer?>(new Answer.Refused(Refusals.Stopping)) : _rooms.Workflows.Reruns.RunAsync(caller, id, ask, stop);

    /// <summary>One step of a workflow, with what it gave and what it cost. Null: unknown to this tenant, or there is none of that number.</summary>
    public Task<StepDetail?> StepAsync(Caller caller, JobId id, long number) => _rooms.Jobs.Row(caller.Tenant, id) is { } row ? _rooms.Workflows.Steps.ShowAsync(caller, row, number) : Task.FromResult<StepDetail?>(null);

    /// <summary>The versions of workflows' code, and what is under way with each.</summary>
    public WorkflowVersionsDesk WorkflowVersions => _rooms.Workflows.Versions;

    /// <summary>The whole journal of a workflow with its content; that it was viewed is audited before it is handed out. Null: unknown to this tenant, or there is none.</summary>
    public Task<RecordedJournal?> JournalAsync(Caller caller, JobId id) => _rooms.Workflows.Journals.ReadAsync(caller, id);

    /// <summary>Idempotent and final. Null: unknown to this tenant.</summary>
    /// <param name="atOnce">Nothing is undone: terminated.</param>
    public async Task<Job?> CancelAsync(Caller caller, JobId id, CancellationToken stop, bool atOnce = false)
    {
        await _rooms.Sync.Records.RecordedAsync(id).ConfigureAwait(false);
        return await _rooms.Operators.CancelAsync(caller, id, atOnce).ConfigureAwait(false);
    }

    /// <summary>Takes a job aside until it is resumed. Null: unknown to this tenant.</summary>
    public Task<(Job Job, Paused Verdict)?> PauseAsync(Caller caller, JobId id) => _rooms.Operators.PauseAsync(caller, id);

    /// <summary>Lets a paused job go on where it was. Null: unknown to this tenant.</summary>
    public Task<(Job Job, Resumed Verdict)?> ResumeAsync(Caller caller, JobId id) => _rooms.Operators.ResumeAsync(caller, id);

    /// <summary>Puts a dead letter back to queued; id and history stay, and the former input where it is given another.</summary>
    public Task<Answer> ReplayAsync(Caller caller, JobId id, ReplayChange? change = null) =>
        _stopping ? Task.FromResult<Answer>(new Answer.Refused(Refusals.Stopping)) : _rooms.Replays.ReplayAsync(caller, id, change ?? ReplayChange.None);

    /// <summary>Replays the dead letters that match, or tells what would become of them.</summary>
    public async Task<ReplayAnswer> ReplayDeadAsync(Caller caller, ReplayAsk ask) =>
        _stopping ? new ReplayAnswer.Refused(Refusals.Stopping) : await _rooms.Replays.ReplayManyAsync(caller, ask with { Filter = ask.Filter with { Features = caller.Features } }).ConfigureAwait(false);

    /// <summary>Dead letters that match, by what they died of where; the largest group first, and up to one more than the limit.</summary>
    public ValueTask<IReadOnlyList<DeadGroup>> DeadGroupsAsync(Caller caller, JobFilter filter) => new(_rooms.Jobs.DeadGroups(caller.Tenant, filter with { Features = caller.Features }));

    /// <summary>The version that a job was accepted with. Null: the job is unknown to this tenant.</summary>
    public FeatureVersion? VersionOf(Caller caller, JobId id) => _rooms.Jobs.VersionOf(caller.Tenant, id);

    /// <summary>The inputs that a job had, the present one last. Null: the job is unknown to this tenant.</summary>
    public async ValueTask<IReadOnlyList<InputRecord>?> InputsAsync(Caller caller, JobId id)
    {
        await _rooms.Sync.Records.RecordedAsync(id).ConfigureAwait(false);
        return _rooms.Inputs.List(caller.Tenant, id);
    }

    /// <summary>One of them; that it was viewed is audited before it is handed out. Null: there is none of that number.</summary>
    public Task<(string MediaType, ReadOnlyMemory<byte> Json)?> ViewInputAsync(Caller caller, JobId id, int number) => _rooms.Inputs.ViewAsync(caller, id, number);

    /// <summary>Stops accepting, lets work end for a while, hands back the rest, gives up the lease.</summary>
    public ValueTask DisposeAsync()
    {
        // Before anything else: what came in while the rooms close would be accepted, and left to the next start.
        _stopping = true;
        return _rooms.DisposeAsync();
    }
}

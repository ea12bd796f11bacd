using Headway.Handlers;
using Headway.Jobs.Storage;
using Headway.Jobs.Waiting;
using Headway.Payloads;
using Headway.Workflows.History;
using Headway.Workflows.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Workflows.Running;

/// <summary>Runs a workflow from its top: gives it what its journal holds, does what it asks for next, and lets go of it when it waits for something outside.</summary>
/// <remarks>
/// Invariant: the code is given one thing at a time, in the order of the journal, and only what is durable. While it is given new things it does not matter
/// how fast the work was: what ended first is journaled first, and given first whenever it is run again.
/// </remarks>
internal sealed class FlowDriver(WorkflowHost host, Attempt attempt, WorkflowVersions versions, FlowSteps steps, ILogger logger)
{
    // Of a workflow that asks for thousands of things at once; one write takes no more, and holds the writer for others no longer.
    private const int BeginAtOnce = 200;

    private readonly FlowPump _pump = new();
    private readonly List<JournalEntry> _got = [];
    private readonly List<StepKey> _over = [];
    private readonly List<Wait> _newWaits = [];
    private readonly List<NewChild> _children = [];
    private FlowPast _past = null!;
    private Flow _flow = null!;
    private FlowArrivals _arrivals = null!;
    private FlowChildren _called = null!;
    private DataKey _key = null!;
    private long _written;
    private int? _code;
    private int _wanted;
    private bool _warned;
    private bool _undoes;

    private Fence Fence => new(attempt.Job, attempt.Lease, attempt.Number);

    private long Now => host.Database.Now;

    // What people asked of it: no more is begun, and it ends or rests.
    private bool IsCancelled => _arrivals.Asked is Asked.Cancel;

    // The code has been given all that it got before, and gets no more.
    private bool IsStopped => IsCancelled && !_undoes && _past.IsAtItsEnd;

    private bool IsPausing => _arrivals.Asked is Asked.Pause;

    // Half of its time is over and it has come further: no step is begun any more, and it goes on as a new attempt with all of it.
    private bool IsLate => _written > _past.Last && Now - attempt.Started > attempt.Feature.Timeout.TotalMilliseconds / 2;

    public async Task<Outcome> RunAsync(CancellationToken stop)
    {
        _key = await host.Vault.KeyAsync(attempt.Tenant, attempt.Subject, stop).ConfigureAwait(false);
        _past = attempt.HasPast ? await FlowPast.LoadAsync(host, attempt).ConfigureAwait(false) : FlowPast.None(attempt);
        _written = _past.Last;
        if (Choose() is not { } work) return NoVersion();
        _flow = new Flow(_past, _pump) { IsReplaying = !_past.IsEmpty };
        if (_past.Emitted is not null) attempt.Output.GoOn();
        foreach (var change in _past.Markers) _flow.Mark(change);
        _pump.Left = () => _flow.Break(Flow.Outside("what no verb gave was awaited"));
        _called = new FlowChildren(host, attempt);
        _arrivals = new FlowArrivals(host, attempt, _flow, _called) { Asked = _past.Asked };
        using var listening = host.Running.Listen(attempt.Job, steps.Nudge);
        StartedWorkflow started = null!;
        _pump.Turn(() => started = work.Start(attempt, new WorkflowContext(_flow, _flow.Root, attempt, host.Around, logger)));
        if (started.Body is null) return await started.Answer().ConfigureAwait(false);
        try
        {
            return await GoOnAsync(started, stop).ConfigureAwait(false);
        }
        catch (JournalMismatchException mismatch)
        {
            return FlowOutcome.Dead(mismatch.Code, mismatch.Message);
        }
        finally
        {
            await _flow.ToldAsync().ConfigureAwait(false);
            // Steps use what the scope gave them.
            await steps.DisposeAsync().ConfigureAwait(false);
            if (started.Scope is not null) await started.Scope.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>The code that the job stays with. Null: this host has not that version.</summary>
    private WorkflowWork? Choose()
    {
        var code = _past.Code ?? (_past.Last == 0 ? host.Pins.Of(versions.Feature) ?? versions.Highest : 1);
        // A job of the first version tells so by saying nothing.
        if (_past.Code is null && code != 1) _code = code;
        return versions.Find(_wanted = code);
    }

    // Another node may have it, and claims it then.
    private Outcome NoVersion()
    {
        // Nothing was done that could be undone.
        if (_past is { Asked: Asked.Cancel, Last: 0 }) return new Outcome.Cancelled();
        host.Pins.TellMissing(versions, _wanted, attempt.Job);
        return new Outcome.Wait(DateTimeOffset.FromUnixTimeMilliseconds(Now) + WorkflowPins.LookAgain(attempt.Number - _past.LastAttempt, host.Random), $"no-version Waits for a node that has version {_wanted} of {versions.Feature}; this one has {string.Join(", ", versions.Numbers)}.")
        {
            // Not known without the code.
            Undo = _past.Last == 0 ? 0 : 1,
            IsBlind = true,
            Emitted = _past.Emitted,
        };
    }

    private async Task<Outcome> GoOnAsync(StartedWorkflow started, CancellationToken stop) =>
        await UntilAsync(started.Body!, stop).ConfigureAwait(false) is { } wait ? wait : await EndAsync(started, stop).ConfigureAwait(false);

    /// <summary>Null: the code has ended, or does not go on. Else the job waits.</summary>
    private async Task<Outcome?> UntilAsync(Task body, CancellationToken stop)
    {
        while (!body.IsCompleted && _flow.Broken is null && !IsStopped)
        {
            stop.ThrowIfCancellationRequested();
            if (_past.TryNext(_flow, out var open, out var line))
            {
                // What follows from the last of it was come to by nobody before, or left no trace.
                if (_past.IsGivenWith(_flow)) _flow.IsReplaying = false;
                Give(open!, line!);
            }
            // The last write may have told that it is cancelled: then it does not fall asleep over it.
            else if (!await AdvanceAsync(stop).ConfigureAwait(false) && !IsStopped && await RestAsync(stop).ConfigureAwait(false) is { } wait) return wait;
        }
        return null;
    }

    private void Give(Operation operation, JournalEntry entry) => _pump.Turn(() => _flow.Give(operation, entry));

    /// <summary>Begins what was asked for and gives what has come. False: there was nothing of either.</summary>
    private async Task<bool> AdvanceAsync(CancellationToken stop)
    {
        _past.Compare(_flow);
        _flow.IsReplaying = false;
        await _arrivals.LookAsync(Now).ConfigureAwait(false);
        if (IsStopped) return true;
        // Before anything is begun on the strength of it: a node that dies then leaves a job that knows the change, too.
        if (_flow.NewMarkers.Count > 0) await WriteAsync([]).ConfigureAwait(false);
        if (!IsPausing) foreach (var operation in _flow.TakeAsked(BeginAtOnce)) await BeginAsync(operation, stop).ConfigureAwait(false);
        LetGo();
        await _arrivals.LookAsync(Now).ConfigureAwait(false);
        foreach (var entry in _arrivals.Take(Now, mayTakeSignal: _got.Count == 0)) Got(entry);
        while (steps.TryTake(out var ended)) Settle(ended);
        foreach (var operation in _flow.Open.Where(operation => operation.Again <= Now && !IsLate && !IsPausing).ToList()) steps.Start(operation);
        if (_got.Count + _over.Count + _newWaits.Count + _children.Count + _flow.NewMarkers.Count == 0) return _flow.HasAsked && !IsPausing;
        var given = _got.ToList();
        _got.Clear();
        await WriteAsync(given).ConfigureAwait(false);
        foreach (var entry in given)
        {
            if (_flow.Find(entry.Key) is { } open) Give(open, entry);
        }
        return given.Count > 0 || _got.Count > 0 || (_flow.HasAsked && !IsPausing);
    }

    private async Task BeginAsync(Operation operation, CancellationToken stop)
    {
        if (_flow.Count > Flow.Many && !_warned)
        {
            _warned = true;
            logger.LogWarning("{Job} has asked for more than {Many} things; at {Most} it is ended", attempt.Job, Flow.Many, Flow.Most);
        }
        if (_past.Waits.TryGetValue(operation.Key, out var wait))
        {
            (operation.IsNoted, operation.Child, operation.Tally) = (true, wait.Child, wait.Tally);
            if (wait.Kind is WaitKind.Retry or WaitKind.UndoRetry) operation.Again = wait.Due;
            else operation.Due = wait.Due;
        }
        switch (operation.Kind)
        {
            case EntryKind.Step or EntryKind.Undo:
                if (IsLate) operation.Again ??= Now;
                else if (!(operation.Again > Now)) steps.Start(operation);
                break;
            case EntryKind.Start when operation.IsNoted:
                Got(Entry(operation, EntryOutcome.Done, []));
                break;
            case EntryKind.Call or EntryKind.Start:
                if (!operation.IsNoted) await CallAsync(operation, stop).ConfigureAwait(false);
                break;
            // One that is noted is among what arrives.
            case EntryKind.Timer when !operation.IsNoted && operation.Due <= Now:
                Got(Entry(operation, EntryOutcome.Done, []));
                break;
            default:
                // Somebody has all of the time that is said, also where a dead letter that was replayed asks anew.
                if (!operation.IsNoted && operation.Kind is not EntryKind.Timer) operation.Due += Now - operation.Began;
                if (!operation.IsNoted) Note(operation, operation.Kind switch { EntryKind.Signal => WaitKind.Signal, EntryKind.Approval => WaitKind.Approval, _ => WaitKind.Timer }, operation.Due);
                break;
        }
        _arrivals.Expect(operation);
    }

    private async Task CallAsync(Operation operation, CancellationToken stop)
    {
        var (prepared, failed) = await _called.PrepareAsync(operation.Called!, stop).ConfigureAwait(false);
        if (prepared is null)
        {
            Got(Entry(operation, EntryOutcome.Failed, failed!));
            return;
        }
        operation.Child = prepared.Job.Origin.Id;
        var kind = operation.Kind is EntryKind.Call ? WaitKind.Child : WaitKind.Start;
        _children.Add(new NewChild(prepared.Job, prepared.Work.Origin.Audit(Audit.AuditActions.Submitted), WaitOf(operation, kind, null)));
        operation.IsNoted = true;
    }

    private void Note(Operation operation, WaitKind kind, long? due)
    {
        _newWaits.Add(WaitOf(operation, kind, due));
        operation.IsNoted = true;
    }

    private Wait WaitOf(Operation operation, WaitKind kind, long? due) => new(operation.Key.Name, operation.Key.Occurrence, kind, due, operation.Child, operation.Began)
    {
        Tally = operation.Tally,
        Question = operation.Question is { } question ? _key.Seal(PayloadKind.Journal, attempt.Job, question, Jobs.Waiting.Wait.QuestionPosition) : null,
    };

    private void Settle(EndedTry ended)
    {
        if (_flow.Find(ended.Operation.Key) != ended.Operation) return;
        if (ended.Again is { } again)
        {
            (ended.Operation.Again, ended.Operation.Tally) = (again, ended.Tally);
            Note(ended.Operation, ended.Operation.Kind is EntryKind.Undo ? WaitKind.UndoRetry : WaitKind.Retry, again);
            return;
        }
        Got(Entry(ended.Operation, ended.Outcome, ended.Body));
    }

    private JournalEntry Entry(Operation operation, EntryOutcome outcome, byte[] body) =>
        new(0, operation.Kind, operation.Key, operation.Fingerprint, outcome, body, operation.Child, operation.Began, Now, Math.Max(1, operation.Tries));

    private void Got(JournalEntry entry)
    {
        if (_flow.Find(entry.Key) is { IsNoted: true }) _over.Add(entry.Key);
        _got.Add(entry);
    }

    /// <summary>What was given up by the code: waited for no longer, stopped, cancelled.</summary>
    private void LetGo()
    {
        foreach (var operation in _flow.Given)
        {
            var noted = _past.Waits.GetValueOrDefault(operation.Key);
            if (operation.IsNoted || noted is not null) _over.Add(operation.Key);
            if (operation.Kind is EntryKind.Call && (operation.Child ?? noted?.Child) is { } child) _called.Unwanted.Add(child);
        }
        _flow.Given.Clear();
    }

    private async Task WriteAsync(List<JournalEntry> got)
    {
        var markers = _flow.NewMarkers.ConvertAll(change => new JournalEntry(0, EntryKind.Marker, new StepKey(change, 1), null, EntryOutcome.Done, default, null, Now, Now, 1));
        _flow.NewMarkers.Clear();
        var rows = markers.Concat(got).Select(entry => entry with { Number = ++_written }).Select(entry =>
            new JournalRow(entry, entry.Body.IsEmpty ? null : _key.Seal(PayloadKind.Journal, attempt.Job, entry.Body.Span, entry.Number), attempt.Number)).ToList();
        // Only where nothing else was under way: what kills the node may be that, and others getting further must not hide it.
        var advance = new Advance(rows, [.. _over], [.. _newWaits], [.. _children], ForgetsCrashes: attempt.Crashes > 0 && rows.Count > 0 && steps.Running == 0) { Code = _code };
        _code = null;
        _over.Clear();
        _newWaits.Clear();
        _children.Clear();
        // A disk that takes nothing is no fault of the code: it is waited for. Written twice, the second finds the numbers taken.
        var advanced = await host.Ends.WriteAsync(attempt.Job, () => new AdvanceWorkflow(Fence, advance)).ConfigureAwait(false)
            ?? throw NotOurs();
        if (rows.Count > 0) host.News.Stepped(attempt.Job);
        if (advanced.Asked is not Asked.Nothing) _arrivals.Asked = advanced.Asked;
        _called.Accepted(advance.Children);
        await _called.CancelUnwantedAsync().ConfigureAwait(false);
        foreach (var child in advance.Children) Tell(child, advanced);
    }

    // What became of a child is journaled as anything else before the code learns of it.
    private void Tell(NewChild child, Advanced advanced)
    {
        if (_flow.Open.FirstOrDefault(operation => operation.Child == child.Job.Origin.Id) is not { } asked) return;
        var refusal = advanced.Refused.FirstOrDefault(refused => refused.Child == asked.Child).Refusal;
        if (refusal is not null)
        {
            (asked.IsNoted, asked.Child) = (false, null);
            Got(Entry(asked, EntryOutcome.Failed, FailedEntry.Write("budget-exhausted", refusal.Message)));
        }
        else if (asked.Kind is EntryKind.Start) Got(Entry(asked, EntryOutcome.Done, []));
    }

    /// <summary>Nothing to do now: waits for work that goes on here, or, when all it waits for is outside, says what for.</summary>
    private async Task<Outcome?> RestAsync(CancellationToken stop)
    {
        var due = _flow.Open.Select(operation => operation.Again ?? operation.Due).Where(time => time is not null).Min();
        var outside = _flow.Open.Where(operation => operation.IsNoted || operation.Again is not null).ToList();
        if (steps.Running == 0 && (IsLate || IsPausing)) return Wait(Now, "timer Goes on in a moment, with all of its time.");
        var soon = _flow.Open.Any(operation => operation.Again - Now <= FlowSteps.ShortPause);
        if (steps.Running == 0 && !soon && outside.Count > 0) return Wait(due, FlowWaits.Say(outside));
        if (await steps.AnyAsync(_pump.ArrivedAsync(), due is { } next ? next - Now : null, stop).ConfigureAwait(false)) _arrivals.LookAgain();
        // Code that awaited something else goes on.
        _pump.Turn(static () => { });
        return null;
    }

    private Outcome.Wait Wait(long? until, string why) => new(until is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null, why)
    {
        // Also the one that is under way.
        Undo = _flow.Undo.Count + (_undoes ? 1 : 0),
        Emitted = _flow.Emitted,
        // Only then: one that learned of it too late for this is to come back for it.
        IsCancelled = IsCancelled && _undoes,
    };

    private async Task<Outcome> EndAsync(StartedWorkflow started, CancellationToken stop)
    {
        var (outcome, line) = _flow.Broken is WorkflowFailedException broken ? (FlowOutcome.Dead(broken.Code, broken.Message), null)
            : started.Body!.IsCompleted ? await FlowOutcome.OfAsync(started, stop).ConfigureAwait(false) : (new Outcome.Cancelled(), null);
        // Whatever it would have ended with: nobody wants it any more.
        if (IsCancelled && _flow.Broken is null && outcome is Outcome.Failed or Outcome.DeadLetter or Renewal) (outcome, line) = (new Outcome.Cancelled(), null);
        // A bug is tried again, and finds its children where it left them, and the changes that it went by.
        if (outcome is Outcome.Failed)
        {
            if (_flow.NewMarkers.Count > 0) await WriteAsync([]).ConfigureAwait(false);
            return outcome;
        }
        if (_flow.Broken is null)
        {
            _past.CompareEnd(_flow);
            _past.Compare(_flow);
        }
        // What was started and not awaited is started all the same; what was called and not awaited is not wanted.
        _pump.Turn(() => _flow.GiveUp(_flow.Root, keep: outcome is Outcome.Cancelled ? null : EntryKind.Start));
        if (outcome is Outcome.DeadLetter or Outcome.Cancelled && _flow.Broken is null && await UndoAllAsync(stop).ConfigureAwait(false) is { } wait) return wait;
        await LastWriteAsync(line, stop).ConfigureAwait(false);
        return outcome is Renewal renewal ? await RenewAsync(renewal, stop).ConfigureAwait(false) : outcome;
    }

    /// <summary>First what still runs is stopped, and what was called is cancelled: what they do must not come after its undoing.</summary>
    private async Task<Outcome?> UndoAllAsync(CancellationToken stop)
    {
        if (_flow.Undo.Count == 0) return null;
        await steps.GivenUpAsync().ConfigureAwait(false);
        LetGo();
        if (_over.Count > 0) await WriteAsync([]).ConfigureAwait(false);
        await _called.CancelUnwantedAsync().ConfigureAwait(false);
        return await UndoAsync(stop).ConfigureAwait(false);
    }

    private async Task LastWriteAsync(JournalEntry? diedOf, CancellationToken stop)
    {
        foreach (var operation in _flow.TakeAsked(int.MaxValue)) await BeginAsync(operation, stop).ConfigureAwait(false);
        LetGo();
        if (diedOf is not null) _newWaits.Add(new Wait(diedOf.Key.Name, diedOf.Key.Occurrence, WaitKind.Died, diedOf.Ended, null, diedOf.Began));
        while (_got.Count + _over.Count + _newWaits.Count + _children.Count > 0)
        {
            var got = _got.ToList();
            _got.Clear();
            await WriteAsync(got).ConfigureAwait(false);
        }
        await _called.CancelUnwantedAsync().ConfigureAwait(false);
    }

    /// <summary>The same job goes on as a new run. A node that dies after this write goes on with the new one.</summary>
    private async Task<Outcome> RenewAsync(Renewal renewal, CancellationToken stop)
    {
        await _flow.ToldAsync().ConfigureAwait(false);
        var input = _key.Seal(PayloadKind.Input, attempt.Job, renewal.Input);
        var origin = JournalEntry.OfOrigin(_past.Seed, _past.Round + 1, Math.Max(Now, _flow.Now));
        var asked = await host.Ends.WriteAsync(attempt.Job, () => new RenewWorkflow(Fence, input, origin)).ConfigureAwait(false) ?? throw NotOurs();
        if (asked is not Asked.Cancel) return new Outcome.Wait(DateTimeOffset.FromUnixTimeMilliseconds(Now), "timer Goes on as a new run.") { Emitted = 0 };
        // Cancelled in this moment, and still what it was.
        _arrivals.Asked = asked;
        return await UndoAllAsync(stop).ConfigureAwait(false) ?? new Outcome.Cancelled();
    }

    private OperationCanceledException NotOurs() => new($"{attempt.Job} attempt {attempt.Number} is another's by now.");

    /// <summary>Each undoing is a step of its own, so it is done once, and one that fails for good keeps the others from nothing. Not null: it waits for another try of one.</summary>
    private async Task<Outcome?> UndoAsync(CancellationToken stop)
    {
        _undoes = true;
        while (_flow.Undo.TryPop(out var undo))
        {
            var undone = Task.CompletedTask;
            var flow = new WorkflowContext(_flow, new Branch($"undo {undo.Prefix}"), attempt, host.Around, logger);
            _pump.Turn(() => undone = flow.UndoAsync(undo.Name, undo.Undo));
            if (await UntilAsync(undone, stop).ConfigureAwait(false) is { } wait) return wait;
            if (undone.Exception?.InnerException is { } failed) logger.LogError(failed, "{Job}: undoing {Name} failed for good", attempt.Job, undo.Prefix + undo.Name);
        }
        return null;
    }
}

using System.Collections.Concurrent;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs;
using Headway.Jobs.Running;
using Headway.Workflows.History;

namespace Headway.Workflows.Running;

/// <summary>Runs the steps of a workflow, outside its turns, and says what became of each try.</summary>
internal sealed class FlowSteps(WorkflowHost host, Attempt attempt, CancellationToken stop) : IAsyncDisposable
{
    /// <summary>A pause that is waited for here, in milliseconds; for a longer one the job gives up its place.</summary>
    public const long ShortPause = 1_000;

    // Whoever sends something says so; a word that was lost is made up for by a look.
    private static readonly TimeSpan Watch = TimeSpan.FromSeconds(1);

    // As long as an attempt that is told to stop has.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    private readonly ConcurrentQueue<EndedTry> _ended = new();
    private readonly Dictionary<Task, Operation> _running = [];
    private readonly CancellationTokenSource _over = CancellationTokenSource.CreateLinkedTokenSource(stop);
    private volatile bool _nudged;
    private TaskCompletionSource _any = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Tries that somebody still wants, also those that have ended and were not taken yet.</summary>
    public int Running => _running.Count(running => !running.Value.Branch.IsGivenUp);

    public void Start(Operation operation)
    {
        operation.Again = null;
        operation.Tries = operation.Tally.OfStrength + operation.Tally.RateLimited + 1;
        _running[Task.Run(() => RunAsync(operation), CancellationToken.None)] = operation;
    }

    public bool TryTake(out EndedTry ended)
    {
        foreach (var over in _running.Keys.Where(task => task.IsCompleted).ToList()) _running.Remove(over);
        return _ended.TryDequeue(out ended!);
    }

    /// <summary>Something came from outside.</summary>
    public void Nudge()
    {
        _nudged = true;
        Volatile.Read(ref _any).TrySetResult();
    }

    /// <summary>Waits until a try has ended, or something else is to be done. True: somebody said that something has come from outside.</summary>
    /// <param name="arrived">Code that awaits something else can go on.</param>
    /// <param name="within">Milliseconds; null: as long as it takes.</param>
    public async Task<bool> AnyAsync(Task arrived, long? within, CancellationToken stopped)
    {
        var any = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref _any, any);
        // What ended or came before that is not told again.
        if (_ended.IsEmpty && !_nudged)
        {
            using var rest = CancellationTokenSource.CreateLinkedTokenSource(stopped);
            var due = within is { } ms ? Task.Delay(TimeSpan.FromMilliseconds(Math.Clamp(ms, 0, int.MaxValue)), host.Database.Time, rest.Token) : any.Task;
            await Task.WhenAny(any.Task, arrived, due, Task.Delay(Watch, host.Beats, rest.Token)).ConfigureAwait(false);
            await rest.CancelAsync().ConfigureAwait(false);
            stopped.ThrowIfCancellationRequested();
        }
        if (!_nudged) return false;
        _nudged = false;
        return true;
    }

    /// <summary>Waits until what nobody wants any more has stopped, but not for long for what does not listen.</summary>
    public async Task GivenUpAsync()
    {
        var given = _running.Where(running => running.Value.Branch.IsGivenUp).Select(running => running.Key).ToList();
        if (given.Count == 0) return;
        using var over = new CancellationTokenSource();
        await Task.WhenAny(Task.WhenAll(given), Task.Delay(Grace, host.Database.Time, over.Token)).ConfigureAwait(false);
        await over.CancelAsync().ConfigureAwait(false);
    }

    private async Task RunAsync(Operation operation)
    {
        UsageMeter.Enter(operation.Key.ToString());
        using var given = CancellationTokenSource.CreateLinkedTokenSource([_over.Token, .. operation.Branch.GivenUp]);
        using var timed = CancellationTokenSource.CreateLinkedTokenSource(given.Token);
        using var timer = operation.Options?.Timeout is { } limit ? host.Database.Time.CreateTimer(static source => ((CancellationTokenSource)source!).Cancel(), timed, limit, Timeout.InfiniteTimeSpan) : null;
        EndedTry ended;
        try
        {
            var work = host.AroundStep is { } around ? around(attempt.Job, operation.Key.Name, operation.Work!, timed.Token) : operation.Work!(timed.Token);
            ended = new EndedTry(operation, EntryOutcome.Done, await work.ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (given.IsCancellationRequested)
        {
            return;
        }
        catch (OperationCanceledException) when (timed.IsCancellationRequested)
        {
            ended = Failed(operation, new Failure
            {
                Code = "step-timeout",
                Kind = FailureKind.Timeout,
                Message = $"Step {operation.Key} did not end within its timeout of {Duration.Say(operation.Options!.Timeout!.Value)}.",
                Fingerprint = Failure.Print("step-timeout", operation.Key.Name),
            });
        }
        catch (ModelFailedException model)
        {
            ended = Failed(operation, model.Failure);
        }
        catch (StepEndedException other)
        {
            ended = other.Outcome switch
            {
                Outcome.Snooze snooze => Snoozed(operation, snooze.Delay),
                Outcome.Failed failed => Failed(operation, failed.Failure),
                _ => Failed(operation, Failure.Bug(other)),
            };
        }
        catch (WorkflowFailedException final)
        {
            ended = new EndedTry(operation, EntryOutcome.Failed, FailedEntry.Write(final.Code, final.Message));
        }
#pragma warning disable CA1031 // Whatever a step throws is its failure, not ours.
        catch (Exception error)
#pragma warning restore CA1031
        {
            ended = Failed(operation, Failure.Bug(error));
        }
        _ended.Enqueue(ended);
        Volatile.Read(ref _any).TrySetResult();
    }

    private EndedTry Failed(Operation operation, Failure failure)
    {
        var tally = operation.Tally.Failed(failure.Kind);
        var decision = RetryPolicy.Decide(PolicyOf(operation.Options), failure, tally, host.Database.Time.GetUtcNow(), attempt.Deadline, host.Random.NextDouble());
        return decision is RetryDecision.Again again
            ? new EndedTry(operation, EntryOutcome.Failed, []) { Again = again.At.ToUnixTimeMilliseconds(), Tally = tally }
            : new EndedTry(operation, EntryOutcome.Failed, FailedEntry.Write(failure.Code, $"Step {operation.Key} failed for good: {failure.Message}"));
    }

    /// <summary>The work said that it cannot begin yet: no try is counted, but not for ever.</summary>
    private EndedTry Snoozed(Operation operation, TimeSpan delay)
    {
        var now = host.Database.Time.GetUtcNow();
        if (RetryPolicy.Snooze(attempt.Feature.Retry.Snooze, delay, operation.Tally, now, attempt.Deadline) is RetryDecision.Again again)
            return new EndedTry(operation, EntryOutcome.Failed, []) { Again = again.At.ToUnixTimeMilliseconds(), Tally = operation.Tally.Snoozed(now.ToUnixTimeMilliseconds()) };
        var failure = JobFailures.SnoozedOut(attempt.Feature, operation.Tally.Snoozes);
        return new EndedTry(operation, EntryOutcome.Failed, FailedEntry.Write(failure.Code, $"Step {operation.Key}: {failure.Message}"));
    }

    private RetryOptions PolicyOf(StepOptions? options)
    {
        var policy = attempt.Feature.Retry;
        if (options is null or { Attempts: null, FirstPause: null, LongestPause: null }) return policy;
        // What is said of a step holds for failures of every class.
        return policy with
        {
            Attempts = options.Attempts ?? policy.Attempts,
            First = options.FirstPause ?? policy.First,
            Longest = options.LongestPause ?? policy.Longest,
            RateLimited = null,
            Unavailable = null,
            Timeout = null,
            InvalidOutput = null,
            Bug = null,
        };
    }

    /// <summary>Stops what still runs and waits for it, but not for long for what does not listen: it must not take what the workflow has done with it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_over.IsCancellationRequested && _running.Count == 0) return;
        await _over.CancelAsync().ConfigureAwait(false);
        await Task.WhenAny(Task.WhenAll(_running.Keys), Task.Delay(Grace, host.Database.Time)).ConfigureAwait(false);
        _running.Clear();
    }
}

/// <summary>What became of one try of a step.</summary>
/// <param name="Body">Of the result, or of what failed.</param>
internal sealed record EndedTry(Operation Operation, EntryOutcome Outcome, byte[] Body)
{
    /// <summary>When it is tried again, in milliseconds since 1970; null: it is not.</summary>
    public long? Again { get; init; }
    public Tally Tally { get; init; }
}

using Headway.Handlers;
using Headway.Streams;

namespace Headway.Jobs.Running;

/// <summary>Runs a handler once and turns whatever happens into a value.</summary>
internal sealed class AttemptRunner(TimeProvider time)
{
    // How long a handler that was told to stop may take to do so before the attempt is settled without it.
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>The outcome, or null if the attempt was stopped for another reason than its timeout.</summary>
    /// <returns>Also the rest of the work: it completes when the handler has really ended, and its slot is not free before that.</returns>
    public async Task<(Outcome? Outcome, Task Ended)> RunAsync(Handler handler, Attempt attempt, StopSignal signal)
    {
        // Stopped before it began: what was never started need not be told to stop.
        if (signal.Reason is not StopReason.None) return (Stopped(attempt, signal), Task.CompletedTask);
        var work = Work(handler, attempt, signal.Token);
        if (!work.IsCompleted) await EndOrGraceAsync(work, signal).ConfigureAwait(false);
        if (!work.IsCompleted) return (Stopped(attempt, signal), Quiet(work));
        // What was finished in time counts, even if the stop came in the same moment.
        return work.IsCompletedSuccessfully
            ? (await work.ConfigureAwait(false) is { } outcome && !WasStopped(signal, outcome) ? outcome : Stopped(attempt, signal), Task.CompletedTask)
            : (await FailureOfAsync(work, attempt, signal).ConfigureAwait(false), Task.CompletedTask);
    }

    private async Task EndOrGraceAsync(Task work, StopSignal signal)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = signal.Token.Register(() => stopped.TrySetResult()).ConfigureAwait(false);
        if (await Task.WhenAny(work, stopped.Task).ConfigureAwait(false) == work) return;
        using var ended = new CancellationTokenSource();
        await Task.WhenAny(work, Task.Delay(Grace, time, ended.Token)).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
    }

    // A handler that maps its cancellation to a failure of its own must not hide why it was stopped.
    private static bool WasStopped(StopSignal signal, Outcome outcome) => signal.Reason is not StopReason.None && outcome is not Outcome.Done;

    private static Task<Outcome> Work(Handler handler, Attempt attempt, CancellationToken stop)
    {
        try
        {
            return handler.RunAsync(attempt, stop);
        }
#pragma warning disable CA1031 // Whatever a handler throws is its failure, not ours.
        catch (Exception error)
#pragma warning restore CA1031
        {
            return Task.FromException<Outcome>(error);
        }
    }

    private static async Task<Outcome?> FailureOfAsync(Task<Outcome> work, Attempt attempt, StopSignal signal)
    {
        try
        {
            return await work.ConfigureAwait(false);
        }
#pragma warning disable CA1031 // As above.
        catch (Exception error)
#pragma warning restore CA1031
        {
            if (signal.Reason is not StopReason.None) return Stopped(attempt, signal);
            return new Outcome.Failed(error is OutputFullException ? JobFailures.OutputTooLong(error) : Failure.Bug(error));
        }
    }

    private static Outcome.Failed? Stopped(Attempt attempt, StopSignal signal) => signal.Reason is StopReason.Timeout
        ? new Outcome.Failed(JobFailures.TimedOut(attempt.Feature))
        : null;

    private static async Task Quiet(Task work) => await work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}

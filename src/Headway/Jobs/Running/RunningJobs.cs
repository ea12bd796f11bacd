using System.Collections.Concurrent;
using Headway.Models.Limits;

namespace Headway.Jobs.Running;

/// <summary>The attempts this node runs now, so that they can be stopped for a reason.</summary>
/// <remarks>
/// Invariant: a claimed job is counted from its claim to its settlement. Between the two it is read, and a node that stopped in that moment
/// would give up the lease under which the job stays held.
/// </remarks>
internal sealed class RunningJobs
{
    private readonly ConcurrentDictionary<JobId, RunningJob> _running = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource? _empty;
    private int _claimed;
    private volatile bool _draining;

    public int Count => _running.Count;

    /// <summary>So many jobs were claimed and will be added; each is settled with <see cref="Settled"/>.</summary>
    public void Claimed(int count)
    {
        lock (_gate) _claimed += count;
    }

    /// <summary>A claimed job's state is durable, whatever it is.</summary>
    public void Settled()
    {
        lock (_gate)
        {
            _claimed--;
            TellWhenEmpty();
        }
    }

    /// <param name="waits">What its attempt waits for.</param>
    public void Add(JobId job, StopSignal signal, AttemptWaits waits)
    {
        _running[job] = new RunningJob(signal, waits);
        if (_draining) signal.Stop(StopReason.Draining);
    }

    /// <summary>What a job that this node runs waits for; null: nothing, or another node runs it.</summary>
    public ModelWait? WaitOf(JobId job) => _running.TryGetValue(job, out var known) ? known.Waits.Current : null;

    public void Remove(JobId job, StopSignal signal, AttemptWaits waits)
    {
        _running.TryRemove(new KeyValuePair<JobId, RunningJob>(job, new RunningJob(signal, waits)));
        lock (_gate) TellWhenEmpty();
    }

    public bool Stop(JobId job, StopReason reason)
    {
        if (!_running.TryGetValue(job, out var known)) return false;
        known.Signal.Stop(reason);
        return true;
    }

    public void StopAll(StopReason reason)
    {
        // A draining node takes nothing further: what is added from now on stops at once.
        if (reason is StopReason.Draining) _draining = true;
        foreach (var known in _running.Values) known.Signal.Stop(reason);
    }

    /// <summary>Completes when nothing runs.</summary>
    public Task WhenEmptyAsync()
    {
        lock (_gate)
        {
            _empty = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            TellWhenEmpty();
            return _empty.Task;
        }
    }

    private void TellWhenEmpty()
    {
        if (_running.IsEmpty && _claimed == 0) _empty?.TrySetResult();
    }

    private readonly record struct RunningJob(StopSignal Signal, AttemptWaits Waits);
}

/// <summary>Why an attempt was stopped from outside; the first reason counts.</summary>
internal enum StopReason { None, Timeout, Cancelled, Abandoned, LeaseLost, Draining }

/// <summary>A cancellation with its reason.</summary>
internal sealed class StopSignal : IDisposable
{
    private readonly CancellationTokenSource _source = new();
    private readonly ITimer _timer;
    private int _reason;

    /// <param name="limit">After which the reason is <see cref="StopReason.Timeout"/>.</param>
    public StopSignal(TimeSpan limit, TimeProvider time) =>
        _timer = time.CreateTimer(static signal => ((StopSignal)signal!).Stop(StopReason.Timeout), this, NotNegative(limit), Timeout.InfiniteTimeSpan);

    /// <summary>The limit is another, counted from now.</summary>
    public void EndAfter(TimeSpan limit) => _timer.Change(NotNegative(limit), Timeout.InfiniteTimeSpan);

    private static TimeSpan NotNegative(TimeSpan limit) => limit < TimeSpan.Zero ? TimeSpan.Zero : limit;

    public CancellationToken Token => _source.Token;

    public StopReason Reason => (StopReason)Volatile.Read(ref _reason);

    public void Stop(StopReason reason)
    {
        if (Interlocked.CompareExchange(ref _reason, (int)reason, 0) != 0) return;
        try
        {
            // Off this thread: a handler's cancellation callbacks are its own, and may be slow.
            _ = _source.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
        }
    }

    public void Dispose()
    {
        _timer.Dispose();
        _source.Dispose();
    }
}

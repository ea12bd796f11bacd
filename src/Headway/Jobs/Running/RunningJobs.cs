using System.Collections.Concurrent;
using Headway.Jobs.Storage;
using Headway.Models.Limits;

namespace Headway.Jobs.Running;

/// <summary>The attempts this node runs now, so that they can be stopped for a reason.</summary>
/// <remarks>
/// Invariant: a claimed job is counted from its claim to its settlement. Between the two it is read, and a node that stopped in that moment
/// would give up the lease under which the job stays held. One that is claimed by the write that accepts it is noted before that write: others know of it
/// from its commit on, and may cancel it before whoever wrote goes on.
/// </remarks>
internal sealed class RunningJobs
{
    private readonly ConcurrentDictionary<JobId, RunningJob> _running = new();
    private readonly ConcurrentDictionary<JobId, TakenJob> _taken = new();
    private readonly Lock _gate = new();
    private TaskCompletionSource? _empty;
    private int _claimed;
    private volatile bool _draining;

    private readonly ConcurrentDictionary<JobId, Action> _listeners = new();

    public int Count => _running.Count;

    /// <summary>From now on the work of this job is told when something was sent to it, or asked of it; until what is returned is disposed of.</summary>
    public IDisposable Listen(JobId job, Action told)
    {
        _listeners[job] = told;
        return new Listening(() => _listeners.TryRemove(new KeyValuePair<JobId, Action>(job, told)));
    }

    /// <summary>Something was sent to the job, or asked of it, here or on another node.</summary>
    public void Tell(JobId job)
    {
        if (_listeners.TryGetValue(job, out var told)) told();
    }

    /// <summary>So many jobs were claimed and will be added; each is settled with <see cref="Settled()"/>.</summary>
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

    /// <summary>The same, of jobs that the database says are held by this node.</summary>
    public void Claimed(IReadOnlyCollection<Fence> attempts)
    {
        foreach (var attempt in attempts) _taken[attempt.Job] = new TakenJob(attempt);
        Claimed(attempts.Count);
    }

    /// <summary>The same, of one of them. Its next attempt may have been claimed here by now, and stays noted.</summary>
    public void Settled(Fence attempt)
    {
        if (_taken.TryGetValue(attempt.Job, out var taken) && taken.Fence == attempt) _taken.TryRemove(new KeyValuePair<JobId, TakenJob>(attempt.Job, taken));
        Settled();
    }

    public IReadOnlyList<Fence> All => [.. _running.Values.Select(known => known.Fence)];

    public bool Runs(JobId job) => _running.ContainsKey(job);

    /// <summary>Whether it runs, or was claimed and will, or did and is being settled.</summary>
    public bool Knows(JobId job) => _running.ContainsKey(job) || _taken.ContainsKey(job);

    /// <summary>The attempt of the job that runs here, or was claimed and will; null: none.</summary>
    public Fence? AttemptOf(JobId job) => _running.TryGetValue(job, out var known) ? known.Fence : _taken.TryGetValue(job, out var taken) ? taken.Fence : null;

    /// <param name="waits">What its attempt waits for.</param>
    public void Add(Fence attempt, StopSignal signal, AttemptWaits waits)
    {
        _running[attempt.Job] = new RunningJob(attempt, signal, waits);
        if (_draining) signal.Stop(StopReason.Draining);
        // Whoever stopped it before now found nothing that runs and left word here; whoever stops it from now on finds it. The fence is the other half of Tell.
        Interlocked.MemoryBarrier();
        if (_taken.TryGetValue(attempt.Job, out var taken) && taken.Fence == attempt && taken.Told is not StopReason.None) signal.Stop(taken.Told);
    }

    /// <summary>What a job that this node runs waits for; null: nothing, or another node runs it.</summary>
    public ModelWait? WaitOf(JobId job) => _running.TryGetValue(job, out var known) ? known.Waits.Current : null;

    public void Remove(Fence attempt, StopSignal signal, AttemptWaits waits)
    {
        _running.TryRemove(new KeyValuePair<JobId, RunningJob>(attempt.Job, new RunningJob(attempt, signal, waits)));
        lock (_gate) TellWhenEmpty();
    }

    /// <summary>Stops whatever attempt of the job runs here, or has been claimed and will.</summary>
    public bool Stop(JobId job, StopReason reason) => AttemptOf(job) is { } attempt && Stop(attempt, reason);

    /// <summary>Stops one attempt and no later one: what is known of it may have been read before the next was claimed.</summary>
    public bool Stop(Fence attempt, StopReason reason)
    {
        var told = _taken.TryGetValue(attempt.Job, out var taken) && taken.Fence == attempt;
        if (told) taken!.Tell(reason);
        if (!_running.TryGetValue(attempt.Job, out var known) || known.Fence != attempt) return told;
        known.Signal.Stop(reason);
        return true;
    }

    public void StopAll(StopReason reason)
    {
        // A draining node takes nothing further: what is added from now on stops at once.
        if (reason is StopReason.Draining) _draining = true;
        foreach (var taken in _taken.Values) taken.Tell(reason);
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

    private sealed class Listening(Action end) : IDisposable
    {
        public void Dispose() => end();
    }

    private readonly record struct RunningJob(Fence Fence, StopSignal Signal, AttemptWaits Waits);

    /// <summary>A job that was claimed and is not settled.</summary>
    private sealed class TakenJob(Fence fence)
    {
        private int _told;

        public Fence Fence => fence;

        /// <summary>Why it is to stop as soon as it begins.</summary>
        public StopReason Told => (StopReason)Volatile.Read(ref _told);

        /// <summary>Word for whoever begins it. A full fence: what runs is looked at after this, and not before, or both might miss each other.</summary>
        public void Tell(StopReason reason) => Interlocked.Exchange(ref _told, (int)reason);
    }
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

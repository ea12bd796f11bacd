using System.Collections.Concurrent;

namespace Headway.Crash.Tests.Load;

/// <summary>What the tester was promised, in a file of its own: job by job, as the answers came.</summary>
internal sealed class Ledger(string file) : IDisposable
{
    private readonly StreamWriter _file = new(file, append: true) { AutoFlush = true };
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, Promise> _promises = new();
    private readonly List<(int Count, TaskCompletionSource Reached)> _waiting = [];
    private readonly List<Promise> _all = [];

    /// <summary>Every answer that named a job; with an Idempotency-Key the same job may have been named several times.</summary>
    public IReadOnlyList<Promise> Promises
    {
        get
        {
            lock (_gate) return [.. _all];
        }
    }

    public IEnumerable<string> Jobs => _promises.Keys;

    public void Promise(Promise promise)
    {
        lock (_gate)
        {
            _file.WriteLine($"{promise.Job} {promise.Feature} {promise.Key ?? "-"}");
            _all.Add(promise);
            _promises[promise.Job] = promise;
            foreach (var (_, reached) in _waiting.Where(waiting => waiting.Count <= _all.Count)) reached.TrySetResult();
            _waiting.RemoveAll(waiting => waiting.Count <= _all.Count);
        }
    }

    public ConcurrentBag<string> Cancelled { get; } = [];

    /// <summary>Completes when that many further promises were made.</summary>
    public Task MoreAsync(int count)
    {
        lock (_gate)
        {
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((_all.Count + count, reached));
            return reached.Task;
        }
    }

    public void Dispose() => _file.Dispose();
}

/// <param name="Key">The Idempotency-Key of the call, if it had one.</param>
internal sealed record Promise(string Job, string Feature, string? Key);

using System.Collections.Concurrent;
using System.Text.Json;
using Headway.Handlers.Code;

namespace Headway.Testing;

/// <summary>What work touched the world: each step, feature and model as often as it was begun, what is under way, and what is to fail.</summary>
internal sealed class WorkDone
{
    private readonly ConcurrentQueue<string> _begun = new();
    private readonly ConcurrentDictionary<string, Failing> _failing = new(StringComparer.Ordinal);
    private int _underWay;

    public IReadOnlyList<string> Begun => [.. _begun];

    public int UnderWay => Volatile.Read(ref _underWay);

    public void Fail(string step, int times, Func<Exception> error) => _failing[step] = new Failing(times, error);

    /// <summary>A step of the node, unless it is dead: the dead begin nothing.</summary>
    public async Task<byte[]> StepAsync(TestNode node, string step, Func<CancellationToken, Task<byte[]>> work, CancellationToken stop)
    {
        if (node.IsDead) await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(false);
        using var alive = CancellationTokenSource.CreateLinkedTokenSource(stop, node.Dies);
        return await DoAsync($"step {step}", null, () => FailureOf(step) is { } error ? Task.FromException<byte[]>(error) : work(alive.Token), stop).ConfigureAwait(false);
    }

    public async Task<T> DoAsync<T>(string what, object? input, Func<Task<T>> work, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        _begun.Enqueue(input is null ? what : $"{what} {JsonSerializer.Serialize(input, input.GetType(), CodeJson.Options)}");
        Interlocked.Increment(ref _underWay);
        try
        {
            return await work().ConfigureAwait(false);
        }
        finally
        {
            Interlocked.Decrement(ref _underWay);
        }
    }

    // A step within a branch is meant by its own name as well.
    private Exception? FailureOf(string step) =>
        (_failing.TryGetValue(step, out var failing) || _failing.TryGetValue(step[(step.LastIndexOf('/') + 1)..], out failing)) && failing.Take() ? failing.Error() : null;

    private sealed class Failing(int times, Func<Exception> error)
    {
        private int _left = times;

        public Func<Exception> Error => error;

        public bool Take() => Interlocked.Decrement(ref _left) >= 0;
    }
}

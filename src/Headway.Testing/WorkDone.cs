using System.Collections.Concurrent;
using System.Text.Json;
using Headway.Handlers.Code;

namespace Headway.Testing;

/// <summary>What work touched the world, as often as it was begun, by whatever life of the node; and what is to fail.</summary>
internal sealed class WorkDone
{
    private readonly ConcurrentQueue<string> _begun = new();
    private readonly ConcurrentDictionary<string, Failing> _failing = new(StringComparer.Ordinal);

    public IReadOnlyList<string> Begun => [.. _begun];

    public void Begin(string what, object? input) => _begun.Enqueue(input is null ? what : $"{what} {JsonSerializer.Serialize(input, input.GetType(), CodeJson.Options)}");

    public void Fail(string step, int times, Func<Exception> error) => _failing[step] = new Failing(times, error);

    /// <summary>What this try of a step is to fail with; null: it is not. A step within a branch is meant by its own name as well.</summary>
    public Exception? FailureOf(string step) =>
        (_failing.TryGetValue(step, out var failing) || _failing.TryGetValue(step[(step.LastIndexOf('/') + 1)..], out failing)) && failing.Take() ? failing.Error() : null;

    private sealed class Failing(int times, Func<Exception> error)
    {
        private int _left = times;

        public Func<Exception> Error => error;

        public bool Take() => Interlocked.Decrement(ref _left) >= 0;
    }
}

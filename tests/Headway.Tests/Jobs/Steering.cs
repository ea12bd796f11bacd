using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Headway.Tests.Jobs;

internal sealed record Order(string Id = "a");

/// <summary>Code that a test steers: it waits until it is let go, counts what began, and fails as often as it is told.</summary>
internal sealed class Steering
{
    private readonly ConcurrentDictionary<string, TaskCompletionSource> _gates = new();
    private readonly Channel<string> _begun = Channel.CreateBounded<string>(1_000);
    private readonly Channel<string> _stopped = Channel.CreateBounded<string>(1_000);
    private int _failures;

    public ConcurrentQueue<string> Begun { get; } = new();

    public bool Blocks { get; set; }

    public int Failures
    {
        get => _failures;
        set => _failures = value;
    }

    /// <summary>Until one more piece of work has begun.</summary>
    public Task<string> BeginsAsync() => _begun.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    /// <summary>Until one piece of work that was held was told to stop.</summary>
    public Task<string> StopsAsync() => _stopped.Reader.ReadAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

    public void LetGo(string id) => Gate(id).TrySetResult();

    private TaskCompletionSource Gate(string id) => _gates.GetOrAdd(id, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));

    public async Task<Order> WorkAsync(Order order, FeatureContext feature, CancellationToken stop)
    {
        Begun.Enqueue(order.Id);
        _begun.Writer.TryWrite(order.Id);
        try
        {
            if (Blocks) await Gate(order.Id).Task.WaitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            _stopped.Writer.TryWrite(order.Id);
            throw;
        }
        if (Interlocked.Decrement(ref _failures) >= 0) throw new InvalidDataException($"secret of {order.Id}");
        return order;
    }

    public async IAsyncEnumerable<string> TokensAsync(Order order, FeatureContext feature, [EnumeratorCancellation] CancellationToken stop)
    {
        Begun.Enqueue(order.Id);
        _begun.Writer.TryWrite(order.Id);
        for (var n = 1; n <= 6; n++)
        {
            if (Blocks && n == 4) await Gate(order.Id).Task.WaitAsync(stop);
            if (n == 5 && Interlocked.Decrement(ref _failures) >= 0) throw new InvalidDataException("cut");
            yield return $"{n} ";
        }
    }
}

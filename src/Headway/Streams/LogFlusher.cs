using System.Collections.Concurrent;

namespace Headway.Streams;

/// <summary>Logs what all streams of this node have shown, on one beat: a timer for each stream would cost more than the streams.</summary>
internal sealed class LogFlusher(TimeProvider time) : IAsyncDisposable
{
    /// <summary>Shown is logged within 100 ms: half for waiting, half for the disk.</summary>
    public static readonly TimeSpan Every = TimeSpan.FromMilliseconds(50);

    private readonly ConcurrentQueue<OutputLog> _dirty = new();
    private readonly CancellationTokenSource _stop = new();
    private Task _loop = Task.CompletedTask;

    public void Start() => _loop = LoopAsync();

    /// <summary>Called once for each flush that is due.</summary>
    public void Add(OutputLog log) => _dirty.Enqueue(log);

    private async Task LoopAsync()
    {
        using var timer = new PeriodicTimer(Every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                // A failed write has failed its attempt's own wait; the beat goes on.
                while (_dirty.TryDequeue(out var log)) _ = log.FlushAsync();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
        _stop.Dispose();
    }
}

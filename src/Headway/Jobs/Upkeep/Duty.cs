using Headway.Storage;
using Microsoft.Extensions.Logging;

namespace Headway.Jobs.Upkeep;

/// <summary>A duty every node does again and again: bounded, idempotent, in any order, beside any number of others.</summary>
internal abstract class Duty
{
    public abstract TimeSpan Every { get; }

    /// <summary>One bounded pass.</summary>
    /// <returns>What was done in words, or null if there was nothing to do.</returns>
    public abstract Task<DutyReport> RunOnceAsync(DateTimeOffset now, CancellationToken stop);
}

/// <param name="Did">For the log; null: nothing.</param>
/// <param name="More">There is more to do now: the next pass does not wait.</param>
internal readonly record struct DutyReport(string? Did, bool More = false)
{
    public static readonly DutyReport Nothing = new(null);

    /// <summary>A promise that was broken until now; null: none.</summary>
    public Mended? Mended { get; init; }
}

/// <summary>The one loop of all duties: each on its own beat, staggered, going on after a failure.</summary>
internal sealed class DutyLoop(IReadOnlyList<Duty> duties, TimeProvider time, Random random, ILogger<DutyLoop> logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private Task _loops = Task.CompletedTask;

    /// <summary>Told of what was mended.</summary>
    public Func<Mended, Task>? Told { get; init; }

    public void Start() => _loops = Task.WhenAll(duties.Select(LoopAsync));

    private async Task LoopAsync(Duty duty)
    {
        var pause = duty.Every * random.NextDouble();
        while (true)
        {
            try
            {
                await Task.Delay(pause, time, _stop.Token).ConfigureAwait(false);
                var report = await duty.RunOnceAsync(time.GetUtcNow(), _stop.Token).ConfigureAwait(false);
                if (report.Did is not null) logger.LogInformation("{Duty}: {Did}", duty.GetType().Name, report.Did);
                if (report.Mended is { } mended && Told is { } told) await told(mended).ConfigureAwait(false);
                pause = report.More ? TimeSpan.Zero : duty.Every;
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (StorageException error)
            {
                logger.LogError("{Duty} could not write: {Cure}", duty.GetType().Name, error.Message);
                pause = duty.Every;
            }
#pragma warning disable CA1031 // One failing pass must not end the duty.
            catch (Exception error)
#pragma warning restore CA1031
            {
                logger.LogError(error, "{Duty} failed", duty.GetType().Name);
                pause = duty.Every;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loops.ConfigureAwait(false);
        _stop.Dispose();
    }
}

using System.Runtime.CompilerServices;

namespace Headway.Upstream;

/// <summary>Waits for what comes by itself: asks again and again until it is so. What does not come in time is named.</summary>
public static class Until
{
    /// <summary>How long a test waits that says nothing else: longer than a busy machine needs.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(15);

    /// <summary>Waits for what is asked at once.</summary>
    /// <exception cref="TimeoutException">It did not come.</exception>
    public static Task IsSoAsync(Func<bool> isSo, TimeSpan? within = null, [CallerArgumentExpression(nameof(isSo))] string? what = null)
    {
        ArgumentNullException.ThrowIfNull(isSo);
        return IsSoAsync(() => Task.FromResult(isSo()), within, what);
    }

    /// <summary>Waits for what takes a while to ask.</summary>
    /// <exception cref="TimeoutException">It did not come.</exception>
    public static async Task IsSoAsync(Func<Task<bool>> isSo, TimeSpan? within = null, [CallerArgumentExpression(nameof(isSo))] string? what = null)
    {
        ArgumentNullException.ThrowIfNull(isSo);
        using var late = new CancellationTokenSource(within ?? Patience);
        using var timer = new PeriodicTimer(Pause);
        while (!await isSo().ConfigureAwait(false))
        {
            try
            {
                await timer.WaitForNextTickAsync(late.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"It did not come so far within {(within ?? Patience).TotalSeconds} s: {what}");
            }
        }
    }
}

using System.Diagnostics;

namespace Headway.Bench;

/// <summary>What a load generator saw.</summary>
/// <param name="Calls">Operations that were answered.</param>
/// <param name="Cpu">Of the whole process: caller, upstream and server share it.</param>
internal sealed record Measured(long Calls, TimeSpan Elapsed, TimeSpan Cpu, TimeSpan P50, TimeSpan P99)
{
    public double PerSecond => Calls / Elapsed.TotalSeconds;
    public double CpuMicroseconds => Cpu.TotalMicroseconds / Math.Max(1, Calls);
}

/// <summary>Closed-loop callers: each makes its next call when the last was answered.</summary>
internal static class Load
{
    private const int KeptLatencies = 20_000;

    public static async Task<Measured> CallersAsync(int callers, TimeSpan duration, Func<Task> call)
    {
        using var process = Process.GetCurrentProcess();
        var (start, cpu) = (Stopwatch.GetTimestamp(), process.TotalProcessorTime);
        var end = start + (long)(duration.TotalSeconds * Stopwatch.Frequency);
        var counts = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(() => CallAsync(call, end, KeptLatencies / callers))));
        var elapsed = Stopwatch.GetElapsedTime(start);
        process.Refresh();
        return Sum(counts, elapsed, process.TotalProcessorTime - cpu);
    }

    private static async Task<(long Calls, List<long> Ticks)> CallAsync(Func<Task> call, long end, int kept)
    {
        var (calls, ticks) = (0L, new List<long>(kept));
        while (true)
        {
            var began = Stopwatch.GetTimestamp();
            if (began >= end) return (calls, ticks);
            await call();
            // A ring: the last calls are the warm ones.
            var took = Stopwatch.GetTimestamp() - began;
            if (ticks.Count < kept) ticks.Add(took);
            else ticks[(int)(calls % kept)] = took;
            calls++;
        }
    }

    private static Measured Sum((long Calls, List<long> Ticks)[] counts, TimeSpan elapsed, TimeSpan cpu)
    {
        var ticks = counts.SelectMany(count => count.Ticks).Order().ToArray();
        return new Measured(counts.Sum(count => count.Calls), elapsed, cpu, At(ticks, 0.50), At(ticks, 0.99));
    }

    public static TimeSpan At(long[] sorted, double share) =>
        sorted.Length == 0 ? TimeSpan.Zero : Stopwatch.GetElapsedTime(0, sorted[Math.Min(sorted.Length - 1, (int)(sorted.Length * share))]);

    /// <summary>The measurement with the median rate.</summary>
    public static Measured Median(IEnumerable<Measured> measured)
    {
        var sorted = measured.OrderBy(one => one.PerSecond).ToArray();
        return sorted[sorted.Length / 2];
    }
}

using System.Globalization;

namespace Headway.Crash.Tests.Hosting;

/// <summary>
/// A wall clock that is wrong for one node, and can be set while it runs: libfaketime answers for CLOCK_REALTIME what a file says. The steady clock, which
/// timers go by, stays the machine's.
/// </summary>
internal sealed class ShiftedClock
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly string Library = Directory.GetDirectories("/usr/lib").Select(machine => Path.Combine(machine, "faketime", "libfaketime.so.1")).FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException("There is no libfaketime. Install the package faketime.");

    private readonly string _file;
    private TimeSpan _by;

    public ShiftedClock(DataFolder data, TimeSpan by)
    {
        _file = Path.Combine(data.Root, $"clock-{Guid.NewGuid():N}");
        Set(by);
    }

    /// <summary>What a node must be started with.</summary>
    public (string Name, string Value)[] Settings =>
    [
        ("LD_PRELOAD", Library), ("FAKETIME_TIMESTAMP_FILE", _file), ("FAKETIME_NO_CACHE", "1"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1"), ("NO_FAKE_STAT", "1"),
        // A remedy for a C library that is long gone, which makes waits by the steady clock end at once or never.
        ("FAKETIME_FORCE_MONOTONIC_FIX", "0"),
    ];

    /// <summary>Sets the clock of a node and waits until it tells so.</summary>
    public async Task SetAsync(TimeSpan by, HostProcess node)
    {
        Set(by);
        await IsToldAsync(node);
    }

    /// <summary>Waits until the node's own clock, by which Kestrel dates its answers, is as wrong as it should be.</summary>
    public async Task IsToldAsync(HostProcess node)
    {
        using var limit = new CancellationTokenSource(Patience);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while (true)
        {
            using var answer = await node.Http.GetAsync("/health/live", limit.Token);
            if (((answer.Headers.Date - TimeProvider.System.GetUtcNow() - _by)?.Duration() ?? TimeSpan.MaxValue) < TimeSpan.FromMinutes(1)) return;
            await timer.WaitForNextTickAsync(limit.Token);
        }
    }

    // Whole or not at all: the node reads it at any moment.
    private void Set(TimeSpan by)
    {
        _by = by;
        File.WriteAllText(_file + ".new", by.TotalSeconds.ToString("+0;-0", CultureInfo.InvariantCulture));
        File.Move(_file + ".new", _file, overwrite: true);
    }

    /// <summary>What the library leaves in shared memory of a process that was killed.</summary>
    public static void Forget(int process)
    {
        foreach (var file in new[] { $"/dev/shm/faketime_shm_{process}", $"/dev/shm/sem.faketime_sem_{process}" }) File.Delete(file);
    }
}

using System.Diagnostics;
using System.Globalization;

namespace Headway.Crash.Tests.Load;

/// <summary>How long a test goes on: as often as it says, or, for HEADWAY_SOAK_SECONDS, as long as that (`bench/soak`).</summary>
internal sealed class Soak(int times)
{
    private static readonly TimeSpan? Asked = double.TryParse(Environment.GetEnvironmentVariable("HEADWAY_SOAK_SECONDS"), CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null;

    private readonly long _began = Stopwatch.GetTimestamp();
    private int _done;

    public bool GoesOn() => _done++ < times || (Asked is { } asked && Stopwatch.GetElapsedTime(_began) < asked);
}

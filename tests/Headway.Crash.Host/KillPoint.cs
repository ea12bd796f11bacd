namespace Headway.Crash.Host;

/// <summary>Ends the process at a commit: HEADWAY_CRASH_AT=EndJob:before-commit:3 is the third time that operation is about to be committed, counted from when the node listens.</summary>
internal static class KillPoint
{
    private static volatile bool _counts;

    /// <summary>A node looks for work as it starts; what nobody asked for is not counted.</summary>
    public static void Count() => _counts = true;

    public static Action<string>? FromEnvironment()
    {
        if (Environment.GetEnvironmentVariable("HEADWAY_CRASH_AT") is not { Length: > 0 } chosen) return null;
        var last = chosen.LastIndexOf(':');
        var point = chosen[..last];
        var left = int.Parse(chosen[(last + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        return reached =>
        {
            if (_counts && reached == point && Interlocked.Decrement(ref left) == 0) Death.Now();
        };
    }
}

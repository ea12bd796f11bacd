namespace Headway.Crash.Host;

/// <summary>Ends the process at a commit: HEADWAY_CRASH_AT=EndJob:before-commit:3 is the third time that operation is about to be committed.</summary>
internal static class KillPoint
{
    public static Action<string>? FromEnvironment()
    {
        if (Environment.GetEnvironmentVariable("HEADWAY_CRASH_AT") is not { Length: > 0 } chosen) return null;
        var last = chosen.LastIndexOf(':');
        var point = chosen[..last];
        var left = int.Parse(chosen[(last + 1)..], System.Globalization.CultureInfo.InvariantCulture);
        return reached =>
        {
            if (reached == point && Interlocked.Decrement(ref left) == 0) Death.Now();
        };
    }
}

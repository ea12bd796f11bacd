using Headway.Features;

namespace Headway.Jobs;

/// <summary>The failures that come from the life of a job and not from its work: one wording each, wherever they are told.</summary>
internal static class JobFailures
{
    public static readonly Failure Abandoned = Of("abandoned", FailureKind.Permanent, "The caller left before the answer, and nobody came back for it.");

    public static readonly Failure Cancelled = Of("cancelled", FailureKind.Permanent, "The job was cancelled.");

    public static readonly Failure Expired = Of("expired", FailureKind.Permanent, "The deadline passed, or would pass before the next attempt.");

    public static readonly Failure NodeLost = Of("node-lost", FailureKind.Unavailable,
        "The node that worked on this stopped before the answer was recorded. Call again, with a new Idempotency-Key if this call had one.");

    public static readonly Failure Poison = Of("poison", FailureKind.Unavailable,
        "Node after node died while it worked on this job. It is not given another one; look at its input, then replay it.");

    public const string SnoozedOutCode = "snoozed-out";

    /// <summary>It ends now and not at its deadline: what it waited for could only come too late.</summary>
    public static Failure ExpiredBefore(Failure last) => Expired with { Message = $"{Expired.Message} The last attempt failed with {last.Code}: {last.Message}" };

    public static Failure ExpiredAsleep(TimeSpan delay) =>
        Expired with { Message = $"The deadline would pass while the work waits: it asked to be tried again after {delay.TotalSeconds:0.###} s. Replay it once what it needs is there." };

    /// <summary>The work has said "not yet" as often, or for as long, as the feature file lets it.</summary>
    public static Failure SnoozedOut(FeatureVersion version, int times) => new()
    {
        Code = SnoozedOutCode,
        Kind = FailureKind.Permanent,
        Message = $"The work of {version.FullName} has said {times} times that it cannot begin yet, and `retry.snooze` allows {version.Retry.Snooze.Times} within {Duration.Say(version.Retry.Snooze.Within)}. Raise it, or see why what the work needs does not come; then replay the job.",
        Fingerprint = SnoozedOutCode,
    };

    public static Failure OutputTooLong(Exception full) => Of("output-too-long", FailureKind.Permanent, full.Message);

    /// <summary>The work asked for a pause that a caller who waits cannot be given.</summary>
    public static Failure Snoozed(TimeSpan delay) =>
        Of("snoozed", FailureKind.Unavailable, "The work asked to be tried later, which a caller who waits cannot be given. Use async or hybrid.") with { RetryAfter = delay };

    /// <summary>A workflow that waits was given to a caller who waits; refused when a file is served, and so met only by code that was changed since.</summary>
    public static readonly Failure WaitsInline = Of("waits-inline", FailureKind.Permanent, "The work waits for something outside, and a caller who waits cannot wait with it. Use async or hybrid.");

    public static Failure TimedOut(FeatureVersion version) => new()
    {
        Code = "timeout",
        Kind = FailureKind.Timeout,
        Message = $"{version.FullName} did not answer within its timeout of {version.Timeout.TotalSeconds:0.###} s. Raise `timeout` in the feature file, or use a faster model.",
        Fingerprint = Failure.Print("timeout", version.FullName),
    };

    /// <summary>The words of a failure that was written where no key was at hand to seal any: by upkeep, for a node that is gone.</summary>
    public static string Words(string code) =>
        new[] { Abandoned, Cancelled, Expired, NodeLost, Poison }.FirstOrDefault(failure => failure.Code == code)?.Message ?? "No words were kept.";

    private static Failure Of(string code, FailureKind kind, string message) => new() { Code = code, Kind = kind, Message = message, Fingerprint = code };
}

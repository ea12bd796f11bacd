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

    public static Failure OutputTooLong(Exception full) => Of("output-too-long", FailureKind.Permanent, full.Message);

    /// <summary>The work asked for a pause that a caller who waits cannot be given.</summary>
    public static Failure Snoozed(TimeSpan delay) =>
        Of("snoozed", FailureKind.Unavailable, "The work asked to be tried later, which a caller who waits cannot be given. Use async or hybrid.") with { RetryAfter = delay };

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

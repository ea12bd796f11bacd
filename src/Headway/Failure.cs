namespace Headway;

/// <summary>Why an attempt did not succeed.</summary>
internal sealed record Failure
{
    /// <summary>Stable, machine-readable, kebab-case: `model-rate-limited`, `output-invalid`.</summary>
    public required string Code { get; init; }

    /// <summary>For people: what happened, where, and the cure. May hold content; sealed at rest.</summary>
    public required string Message { get; init; }
    public required FailureKind Kind { get; init; }

    /// <summary>Whether another attempt could succeed.</summary>
    public bool Retryable => Kind is not FailureKind.Permanent;

    /// <summary>What the upstream asked for.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Groups failures by code and place, never by text.</summary>
    public string Fingerprint { get; init; } = "";

    public static Failure Bug(Exception exception) => new()
    {
        Code = "handler-exception",
        Kind = FailureKind.Bug,
        Message = $"{exception.GetType().Name}: {exception.Message}",
        Fingerprint = Print("handler-exception", ExceptionPlace.TypeOf(exception), ExceptionPlace.Of(exception)),
    };

    public static string Print(params string?[] parts) => string.Join('/', parts);
}

internal enum FailureKind { RateLimited, Unavailable, Timeout, InvalidOutput, Bug, Permanent }

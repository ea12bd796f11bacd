namespace Headway.Features;

/// <summary>
/// When a failed attempt is tried again, by the class of its failure. A class with a line of its own has attempts and pauses of its own; those without
/// one share <see cref="Attempts"/>, <see cref="First"/> and <see cref="Longest"/>, and are counted together.
/// </summary>
/// <remarks>
/// What is not said is right for calls of models: a limit says when it ends and costs nothing to wait for; an outage lasts minutes; each timeout and each
/// answer that is not valid was waited for, and often paid; code that throws mostly throws again.
/// </remarks>
internal sealed record RetryOptions
{
    public static readonly TimeSpan UsualFirst = TimeSpan.FromSeconds(1);
    public static readonly TimeSpan UsualLongest = TimeSpan.FromMinutes(5);

    /// <summary>Attempts that may fail, the first included, of all classes without a line of their own.</summary>
    public int Attempts { get; init; } = 5;
    public TimeSpan First { get; init; } = UsualFirst;
    public TimeSpan Longest { get; init; } = UsualLongest;

    public ClassRetry? RateLimited { get; init; } = new(20, TimeSpan.FromSeconds(5), UsualLongest);
    public ClassRetry? Unavailable { get; init; } = new(12, TimeSpan.FromSeconds(2), UsualLongest);
    public ClassRetry? Timeout { get; init; } = new(3, TimeSpan.FromSeconds(5), TimeSpan.FromMinutes(1));
    public ClassRetry? InvalidOutput { get; init; } = new(3, UsualFirst, TimeSpan.FromSeconds(30));
    public ClassRetry? Bug { get; init; } = new(3, UsualFirst, TimeSpan.FromMinutes(1));

    /// <summary>The attempt that starts at the second model of the chain, the next one at the third, and so on. Attempts that met a limit do not count.</summary>
    public int? StrongerFrom { get; init; }

    public SnoozeOptions Snooze { get; init; } = new();

    /// <summary>Null: it shares those of the others without one. A permanent failure is never tried again and has none.</summary>
    public ClassRetry? Own(FailureKind kind) => kind switch
    {
        FailureKind.RateLimited => RateLimited,
        FailureKind.Unavailable => Unavailable,
        FailureKind.Timeout => Timeout,
        FailureKind.InvalidOutput => InvalidOutput,
        FailureKind.Bug => Bug,
        _ => null,
    };

    public ClassRetry For(FailureKind kind) => Own(kind) ?? new ClassRetry(Attempts, First, Longest);

    /// <summary>Failed attempts after which a job may be dead, whatever a service does wrong, if there is another one at all.</summary>
    public int FewestOfService => new[] { FailureKind.Unavailable, FailureKind.Timeout, FailureKind.InvalidOutput }.Min(kind => For(kind).Attempts);

    /// <summary>Failed attempts that can count for <see cref="StrongerFrom"/>.</summary>
    public int MostOfStrength => new[] { FailureKind.Unavailable, FailureKind.Timeout, FailureKind.InvalidOutput, FailureKind.Bug }.Max(kind => For(kind).Attempts);
}

/// <summary>Exponential from the first pause to the longest, spread over its upper half.</summary>
/// <param name="Attempts">That may fail in this way, the first included; 1: it is not tried again.</param>
internal sealed record ClassRetry(int Attempts, TimeSpan First, TimeSpan Longest);

/// <summary>How often, and for how long in all, work may say "not yet" before its job is a dead letter.</summary>
internal sealed record SnoozeOptions
{
    public int Times { get; init; } = 1_000;

    /// <summary>From the first snooze to the end of the one that is asked for.</summary>
    public TimeSpan Within { get; init; } = TimeSpan.FromDays(7);
}

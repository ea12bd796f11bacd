using System.Diagnostics.CodeAnalysis;
using Headway.Handlers;

namespace Headway;

/// <summary>
/// How code says that an attempt ended otherwise than with an answer. Endings are values; an exception counts as a bug, which is retried by policy.
/// Code that needs them returns <see cref="FeatureResult{T}"/> (or yields it): an answer and an ending both convert to it.
/// </summary>
public abstract class FeatureResult
{
    private protected FeatureResult(Outcome? ending) => Ending = ending;

    /// <summary>Null: there is an answer.</summary>
    internal Outcome? Ending { get; }

    internal abstract object? Answer { get; }

    /// <summary>The attempt failed and another may succeed: after <paramref name="delay"/>, as long as the retry policy has attempts left.</summary>
    /// <param name="delay">How long to wait, zero or more.</param>
    /// <param name="code">Stable, kebab-case: `registry-down`.</param>
    /// <param name="message">For people: what happened and the cure.</param>
    public static FeatureEnding RetryAfter(TimeSpan delay, string code, string message)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return new(new Outcome.Failed(Describe(code, message, FailureKind.Unavailable) with { RetryAfter = delay }));
    }

    /// <summary>Not a failure: what the work needs is not there yet. The job is tried again after <paramref name="delay"/>, and no attempt is counted.</summary>
    /// <param name="delay">How long to wait, zero to 100 years.</param>
    public static FeatureEnding Snooze(TimeSpan delay)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        // Beyond it there is no date.
        ArgumentOutOfRangeException.ThrowIfGreaterThan(delay, Features.Duration.Longest);
        return new(new Outcome.Snooze(delay));
    }

    /// <summary>No further attempt can succeed: the job becomes a dead letter at once, or the waiting caller is told.</summary>
    /// <param name="code">Stable, kebab-case: `patient-unknown`.</param>
    /// <param name="message">For people: what happened and the cure.</param>
    public static FeatureEnding DeadLetter(string code, string message) => new(new Outcome.DeadLetter(Describe(code, message, FailureKind.Permanent)));

    private static Failure Describe(string code, string message, FailureKind kind)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(code);
        ArgumentException.ThrowIfNullOrWhiteSpace(message);
        return new() { Code = code, Message = message, Kind = kind, Fingerprint = Failure.Print(code, "code") };
    }
}

/// <summary>An ending without an answer; made by the methods of <see cref="FeatureResult"/>.</summary>
public sealed class FeatureEnding : FeatureResult
{
    internal FeatureEnding(Outcome ending) : base(ending) { }

    internal override object? Answer => null;
}

/// <summary>An answer, or an ending without one.</summary>
/// <typeparam name="T">What the answer is serialised from.</typeparam>
[SuppressMessage("Usage", "CA2225:Operator overloads have named alternates", Justification = "The conversions are the point: `return triage;` and `return FeatureResult.Snooze(…);`.")]
public sealed class FeatureResult<T> : FeatureResult
{
    private readonly T? _answer;

    private FeatureResult(T? answer, Outcome? ending) : base(ending) => _answer = answer;

    internal override object? Answer => _answer;

    /// <summary>The attempt is done: here is the answer.</summary>
    public static implicit operator FeatureResult<T>(T answer) => new(answer, null);

    /// <summary>The attempt ended without an answer.</summary>
    public static implicit operator FeatureResult<T>(FeatureEnding ending)
    {
        ArgumentNullException.ThrowIfNull(ending);
        return new(default, ending.Ending);
    }
}

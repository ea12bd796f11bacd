using Headway.Features;

namespace Headway.Jobs.Running;

/// <summary>What follows a failed attempt: a pure function.</summary>
internal static class RetryPolicy
{
    /// <summary>A job under which this many nodes died is not given a further one.</summary>
    public const int CrashLimit = 3;

    // A failure asks for a pause; longer than this it is not honoured but treated as unavailable for the policy's longest pause.
    private static readonly TimeSpan LongestAsked = TimeSpan.FromHours(1);

    /// <param name="failures">Failed attempts, this one included.</param>
    /// <param name="chance">Between 0 and 1: spreads retries over the upper half of the backoff.</param>
    public static RetryDecision Decide(RetryOptions retry, Failure failure, int failures, DateTimeOffset now, DateTimeOffset? deadline, double chance)
    {
        if (!failure.Retryable) return new RetryDecision.Die(failure.Code);
        if (failures >= retry.Attempts) return new RetryDecision.Die(failure.Code);
        var pause = Backoff(retry, failures, chance);
        if (failure.RetryAfter is { } asked && asked <= LongestAsked && asked > pause) pause = asked;
        var at = now + pause;
        return at >= deadline ? new RetryDecision.Die("expired") : new RetryDecision.Again(at);
    }

    /// <summary>Doubles from the first pause to the longest; at least half of it, so that a retry storm is spread but never immediate.</summary>
    public static TimeSpan Backoff(RetryOptions retry, int failures, double chance)
    {
        var doubled = retry.First.TotalSeconds * Math.Pow(2, Math.Min(failures - 1, 40));
        var full = Math.Min(doubled, retry.Longest.TotalSeconds);
        return TimeSpan.FromSeconds(full * (0.5 + (chance / 2)));
    }
}

internal abstract record RetryDecision
{
    public sealed record Again(DateTimeOffset At) : RetryDecision;

    /// <param name="Reason">The code the dead letter carries.</param>
    public sealed record Die(string Reason) : RetryDecision;
}

using Headway.Features;

namespace Headway.Jobs.Running;

/// <summary>What follows an attempt that did not succeed: pure functions of the policy, what became of the attempts before, and this one's end.</summary>
internal static class RetryPolicy
{
    /// <summary>A job under which this many nodes died is not given a further one.</summary>
    public const int CrashLimit = 3;

    // Quotas are granted by the day. Who asks for a longer pause is asked again after this.
    private static readonly TimeSpan LongestAsked = TimeSpan.FromDays(1);

    // All that were told the same moment must not come at it.
    private const double AskedSpread = 0.2;

    /// <param name="tally">What became of the attempts, this one included.</param>
    /// <param name="deadline">A try that could only begin after it is not waited for: the job ends now, while somebody may still do something about it.</param>
    /// <param name="chance">Between 0 and 1: spreads retries over the upper half of the backoff.</param>
    /// <param name="hasRoom">Whether the retry budget has room; without it the longest pause comes at once.</param>
    public static RetryDecision Decide(RetryOptions retry, Failure failure, Tally tally, DateTimeOffset now, DateTimeOffset? deadline, double chance, bool hasRoom = true)
    {
        if (!failure.Retryable) return new RetryDecision.Die(failure.Code);
        var line = retry.For(failure.Kind);
        var failures = tally.Against(retry, failure.Kind);
        if (failures >= line.Attempts) return new RetryDecision.Die(failure.Code);
        var pause = hasRoom ? Backoff(line, failures, chance) : Spread(line.Longest, chance);
        if (failure.RetryAfter is { } asked && Asked(asked, chance) is var told && told > pause) pause = told;
        return At(now, pause, deadline);
    }

    /// <summary>The work said that it cannot begin yet: no attempt is counted, but not for ever.</summary>
    /// <param name="tally">Before this snooze.</param>
    public static RetryDecision Snooze(SnoozeOptions snooze, TimeSpan delay, Tally tally, DateTimeOffset now, DateTimeOffset? deadline)
    {
        if (tally.Snoozes >= snooze.Times) return new RetryDecision.Die(JobFailures.SnoozedOutCode);
        var since = tally.SnoozedSince is { } first ? DateTimeOffset.FromUnixTimeMilliseconds(first) : now;
        return now - since + delay > snooze.Within ? new RetryDecision.Die(JobFailures.SnoozedOutCode) : At(now, delay, deadline);
    }

    /// <summary>Where in its chain of models the next attempt starts (`strongerFrom`).</summary>
    public static int FirstModel(RetryOptions retry, Tally tally) => retry.StrongerFrom is { } from && tally.OfStrength + 1 >= from ? tally.OfStrength + 2 - from : 0;

    /// <summary>Doubles from the first pause to the longest; at least half of it, so that a retry storm is spread but never immediate.</summary>
    public static TimeSpan Backoff(ClassRetry line, int failures, double chance)
    {
        var doubled = line.First.TotalSeconds * Math.Pow(2, Math.Min(failures - 1, 40));
        return Spread(TimeSpan.FromSeconds(Math.Min(doubled, line.Longest.TotalSeconds)), chance);
    }

    private static TimeSpan Spread(TimeSpan pause, double chance) => pause * (0.5 + (chance / 2));

    // Never earlier than asked.
    private static TimeSpan Asked(TimeSpan asked, double chance) => (asked < LongestAsked ? asked : LongestAsked) * (1 + (AskedSpread * chance));

    private static RetryDecision At(DateTimeOffset now, TimeSpan pause, DateTimeOffset? deadline)
    {
        var at = now + pause;
        return at >= deadline ? new RetryDecision.Die(JobFailures.Expired.Code) : new RetryDecision.Again(at);
    }
}

internal abstract record RetryDecision
{
    public sealed record Again(DateTimeOffset At) : RetryDecision;

    /// <param name="Reason">The code the dead letter carries.</param>
    public sealed record Die(string Reason) : RetryDecision;
}

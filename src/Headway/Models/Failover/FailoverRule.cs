namespace Headway.Models.Failover;

/// <summary>What follows a failed call of a model: a pure function, whose table of cases is a test and a page of the docs.</summary>
/// <remarks>It knows nothing of the mode. An attempt has a time to end by, and within it a model is asked again only where that can help, never
/// while an outage would be made worse by it, and never once a part of the answer was shown.</remarks>
internal static class FailoverRule
{
    /// <summary>Calls of one model in one attempt. More than three only keep a model busy that is failing.</summary>
    public const int MostCalls = 3;

    /// <summary>A timeout has used up its time once; a third wait would use up everybody's.</summary>
    public const int MostCallsAfterTimeout = 2;

    /// <summary>A preferred model that asks for no more than this is waited for, although another one stands ready.</summary>
    public static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(250);

    /// <summary>A longer pause is not spent inside an attempt, where it holds a slot: the attempt ends and says when to come back.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);

    /// <summary>Without a wish of the provider: doubled with each call, its upper half drawn by chance.</summary>
    public static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);

    /// <summary>For a 429 that does not say for how long.</summary>
    public static readonly TimeSpan UnsaidPause = TimeSpan.FromSeconds(1);

    /// <summary>After a pause this much of the time must be left, or the call could only be broken off.</summary>
    public static readonly TimeSpan ShortestCall = TimeSpan.FromSeconds(1);

    public static NextStep Decide(ModelFault fault, Situation now)
    {
        if (now.Shown) return NextStep.Stop;
        if (fault.OfInput || now.Left <= TimeSpan.Zero) return NextStep.Stop;
        if (!fault.Failure.Retryable) return Other(now);
        if (fault.Repair is not null && !now.Repaired && now.Calls < MostCalls) return new NextStep.Again(TimeSpan.Zero);
        if (!MayAskAgain(fault, now)) return Other(now);
        var pause = Pause(fault, now);
        var isWorthIt = now.HasNext ? pause <= Brief && fault.Failure.RetryAfter is not null : pause <= LongestPause;
        return isWorthIt && pause + Needed(now.Left) <= now.Left ? new NextStep.Again(pause) : Other(now);
    }

    /// <summary>What the provider asks for, or the backoff; the provider's word is never shortened.</summary>
    public static TimeSpan Pause(ModelFault fault, Situation now)
    {
        if (fault.Failure.RetryAfter is { } asked) return asked;
        var first = fault.Failure.Kind is FailureKind.RateLimited ? UnsaidPause * 2 : FirstPause;
        return first * Math.Pow(2, now.Calls - 1) * (0.5 + (now.Chance / 2));
    }

    /// <summary>How long a call may wait for the limits of its model.</summary>
    /// <param name="hasNext">Another model of the chain can be asked.</param>
    /// <param name="left">Until the attempt must have ended.</param>
    public static TimeSpan Patience(bool hasNext, TimeSpan left) => left <= TimeSpan.Zero ? TimeSpan.Zero : hasNext && left > Brief ? Brief : left - Needed(left);

    /// <summary>How long a model may keep silent (before it is connected, before its first token, between two pieces) until it is given up.</summary>
    /// <remarks>A limit longer than the attempt would never strike, and the next model never be asked. So the next keeps as much time as this one had.</remarks>
    /// <param name="limit">The model's own.</param>
    /// <param name="canPassOn">Another model of the chain can be asked, and the caller has seen nothing yet.</param>
    /// <param name="left">Until the attempt must have ended.</param>
    public static TimeSpan Silence(TimeSpan limit, bool canPassOn, TimeSpan left)
    {
        if (!canPassOn) return limit;
        var share = left / 2 > Brief ? left / 2 : Brief;
        return share < limit ? share : limit;
    }

    /// <summary>Whether the model is asked once more without a parameter that it does not know: its calls are bounded, whatever each of them is for.</summary>
    /// <param name="calls">Calls of this model in this attempt.</param>
    public static bool MayAdapt(int calls) => calls < MostCalls;

    private static bool MayAskAgain(ModelFault fault, Situation now) => fault switch
    {
        // Nothing was sent, so nothing can be multiplied and no call is counted.
        { NotAsked: true } => true,
        { Failure.Kind: FailureKind.InvalidOutput } => now.Calls == 1 && now.MayRetry,
        { Failure.Kind: FailureKind.Timeout } => now.Calls < MostCallsAfterTimeout && now.MayRetry,
        _ => now.Calls < MostCalls && now.MayRetry,
    };

    // A quarter of what is left is enough for a short attempt.
    private static TimeSpan Needed(TimeSpan left) => left / 4 < ShortestCall ? left / 4 : ShortestCall;

    private static NextStep Other(Situation now) => now.HasNext ? NextStep.Next : NextStep.Stop;
}

/// <summary>How an attempt stands after a call failed.</summary>
internal readonly record struct Situation
{
    /// <summary>Calls of this model in this attempt, the failed one included.</summary>
    public required int Calls { get; init; }

    /// <summary>This model was told in this attempt what was wrong with an answer of its.</summary>
    public bool Repaired { get; init; }

    /// <summary>Another model of the chain can be asked.</summary>
    public required bool HasNext { get; init; }

    /// <summary>The caller has seen a part of the answer.</summary>
    public bool Shown { get; init; }

    /// <summary>Until the attempt must have ended.</summary>
    public required TimeSpan Left { get; init; }

    /// <summary>The model's retry budget has room.</summary>
    public required bool MayRetry { get; init; }

    /// <summary>Between 0 and 1, for the jitter.</summary>
    public double Chance { get; init; }
}

/// <summary>What is done after a failed call.</summary>
internal abstract record NextStep
{
    public static readonly NextStep Next = new NextModel();
    public static readonly NextStep Stop = new End();

    /// <summary>The same model once more, after a pause.</summary>
    public sealed record Again(TimeSpan Pause) : NextStep;

    /// <summary>The next model of the chain, at once.</summary>
    public sealed record NextModel : NextStep;

    /// <summary>The attempt has failed.</summary>
    public sealed record End : NextStep;
}

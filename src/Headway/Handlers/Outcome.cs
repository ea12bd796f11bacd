namespace Headway.Handlers;

/// <summary>How an attempt ended. Outcomes are values; an exception from a handler is a bug or a cancellation.</summary>
/// <remarks>What it cost is not told here but by <see cref="Attempt.Spent"/>: it is a fact also of an attempt that has no outcome.</remarks>
internal abstract record Outcome
{
    /// <summary>The work is done. The result was appended to the output or is given here whole.</summary>
    public sealed record Done(Result Result) : Outcome;

    /// <summary>The attempt failed. <see cref="Failure.Retryable"/> and the retry policy say what follows.</summary>
    public sealed record Failed(Failure Failure) : Outcome;

    /// <summary>Not a failure: try again after the delay, without counting an attempt.</summary>
    public sealed record Snooze(TimeSpan Delay) : Outcome;

    /// <summary>The work waits for something outside, and holds nothing meanwhile: it is run again when that is there, or at the latest at the given time. Not of sync and stream calls.</summary>
    /// <param name="For">What it waits for, for people who ask.</param>
    public sealed record Wait(DateTimeOffset? Until, string For) : Outcome
    {
        /// <summary>How many things it would undo if it were cancelled.</summary>
        public int Undo { get; init; }

        /// <summary>How many pieces of output it has shown so far; null: nobody counted.</summary>
        public long? Emitted { get; init; }

        /// <summary>It cannot go on here, whatever comes for it: it is looked at again at the given time.</summary>
        public bool IsBlind { get; init; }

        /// <summary>It was cancelled, and waits while it undoes what it did.</summary>
        public bool IsCancelled { get; init; }
    }

    /// <summary>It was cancelled, and has undone what it did.</summary>
    public sealed record Cancelled : Outcome;

    /// <summary>Never try again by itself.</summary>
    public sealed record DeadLetter(Failure Failure) : Outcome;
}

/// <summary>A finished answer.</summary>
/// <param name="Body">The bytes as they go to the caller.</param>
/// <param name="MediaType">application/json unless the work says otherwise; text/plain; charset=utf-8 for prose.</param>
internal sealed record Result(ReadOnlyMemory<byte> Body, string MediaType)
{
    public const string Json = "application/json";
    public const string Prose = "text/plain; charset=utf-8";

    public bool IsJson => MediaType.Split(';')[0].Trim() is var type && (type.Equals(Json, StringComparison.OrdinalIgnoreCase) || type.EndsWith("+json", StringComparison.OrdinalIgnoreCase));

    /// <summary>Name of the model that really answered, as the feature file calls it.</summary>
    public string? Model { get; init; }

    /// <summary>Not for another call with the same input: it is not whole, or asks for something to be done.</summary>
    public bool IsGivenOnce { get; init; }
}

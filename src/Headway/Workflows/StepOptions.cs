namespace Headway;

/// <summary>How a step is tried. What is not said is as the feature file's `retry` says for the feature.</summary>
public sealed record StepOptions
{
    /// <summary>Tries of which all but the last may fail, 1 or more.</summary>
    public int? Attempts { get; init; }

    /// <summary>The pause after the first failure; it doubles from failure to failure.</summary>
    public TimeSpan? FirstPause { get; init; }

    /// <summary>The longest pause.</summary>
    public TimeSpan? LongestPause { get; init; }

    /// <summary>After which one try is cut off, and has failed. Null: the feature's own timeout is the only one.</summary>
    public TimeSpan? Timeout { get; init; }
}

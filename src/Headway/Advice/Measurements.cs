using Headway.Features;

namespace Headway.Advice;

/// <summary>What the work of a feature version was measured to take: without queueing and cache hits, with a timeout or a departure counted as longer
/// than any bound.</summary>
internal sealed record Measurements
{
    /// <summary>Below this a 99th percentile is the word of ten calls.</summary>
    public const int EnoughSamples = 1_000;

    public static readonly Measurements None = new();

    public long Samples { get; init; }
    public TimeSpan? FirstToken { get; init; }
    public TimeSpan? P95 { get; init; }
    public TimeSpan? P99 { get; init; }
}

/// <summary>The numbers a rule compares, and where they come from.</summary>
internal sealed record Numbers(TimeSpan? FirstToken, TimeSpan? P95, TimeSpan? P99, bool Measured)
{
    public static Numbers Of(Answers answers, Measurements measured) => measured.Samples >= Measurements.EnoughSamples
        ? new Numbers(measured.FirstToken, measured.P95, measured.P99, Measured: true)
        : new Numbers(answers.Expect?.FirstToken, answers.Expect?.P95, answers.Expect?.P99, Measured: false);

    /// <summary>`p99 3.9 s (measured)`.</summary>
    public string Say(string name, TimeSpan value) => $"{name} {Duration.Say(value)} ({(Measured ? "measured" : "expected")})";
}

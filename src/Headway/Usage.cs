namespace Headway;

/// <summary>Tokens and money of one attempt or job.</summary>
internal readonly record struct Usage(long InputTokens, long OutputTokens, decimal Usd)
{
    /// <summary>The upstream did not say: counted from the length of the texts.</summary>
    public bool Estimated { get; init; }

    public static Usage operator +(Usage a, Usage b) =>
        new(a.InputTokens + b.InputTokens, a.OutputTokens + b.OutputTokens, a.Usd + b.Usd) { Estimated = a.Estimated || b.Estimated };
}

namespace Headway;

/// <summary>Tokens and money of one attempt or job.</summary>
internal readonly record struct Usage(long InputTokens, long OutputTokens, decimal Usd)
{
    /// <summary>The upstream did not say: counted from the length of the texts.</summary>
    public bool Estimated { get; init; }

    public static Usage operator -(Usage a, Usage b) =>
        new(a.InputTokens - b.InputTokens, a.OutputTokens - b.OutputTokens, a.Usd - b.Usd) { Estimated = a.Estimated || b.Estimated };

    public static Usage operator +(Usage a, Usage b) =>
        new(a.InputTokens + b.InputTokens, a.OutputTokens + b.OutputTokens, a.Usd + b.Usd) { Estimated = a.Estimated || b.Estimated };
}

/// <summary>Adds up what an attempt costs while it runs; calls may overlap.</summary>
internal sealed class UsageMeter
{
    private readonly Lock _gate = new();
    private Usage _total;

    public Usage Total
    {
        get
        {
            lock (_gate) return _total;
        }
    }

    public void Add(Usage usage)
    {
        lock (_gate) _total += usage;
    }
}

namespace Headway.Jobs.Upkeep;

/// <summary>Something that was promised and was not so, until a duty mended it.</summary>
/// <param name="Kind">What went wrong: one of the constants.</param>
/// <param name="What">Of what.</param>
/// <param name="Amount">How many jobs it concerns.</param>
internal sealed record Mended(string Kind, string What, int Amount)
{
    /// <summary>Jobs were held under a lease that was lost.</summary>
    public const string LostLease = "lost-lease";

    /// <summary>Money was held for jobs that had ended.</summary>
    public const string Unsettled = "unsettled";

    /// <summary>Jobs waited for what was there.</summary>
    public const string Unwoken = "unwoken";
}

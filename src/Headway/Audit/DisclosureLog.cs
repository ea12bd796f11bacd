namespace Headway.Audit;

/// <summary>Collects what an attempt disclosed to whom; written with the attempt's end, or at once where the data is phi or personal.</summary>
internal abstract class DisclosureLog
{
    /// <summary>Call before the bytes leave; awaits durability where the data class demands it.</summary>
    public abstract ValueTask OpenAsync(Disclosure disclosure, CancellationToken stop);
}

/// <param name="Recipient">Model name or handler URL without query.</param>
/// <param name="Provider">Provider, or `http`.</param>
internal sealed record Disclosure(string Recipient, string Provider);

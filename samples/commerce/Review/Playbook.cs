using System.Text.RegularExpressions;

namespace Commerce.Review;

/// <summary>What this shop does not sign without a lawyer having seen it. Rules, because what must always be found is not left to a model.</summary>
internal static partial class Playbook
{
    public static readonly IReadOnlyList<Entry> Entries =
    [
        new("unlimited-liability", Severity.High, Unlimited()),
        new("automatic-renewal", Severity.Medium, Renewal()),
        new("price-change", Severity.High, Price()),
        new("exclusivity", Severity.High, Exclusive()),
        new("rights-assigned", Severity.High, Assigned()),
        new("foreign-law", Severity.Medium, Law()),
        new("no-refund", Severity.Medium, Refund()),
        new("data-passed-on", Severity.High, Data()),
        new("daily-penalty", Severity.Medium, Penalty()),
        new("unannounced-audit", Severity.Low, Audit()),
    ];

    /// <summary>The sentences that the entries stand for.</summary>
    public static IEnumerable<(Entry Entry, string Quote)> In(Clause clause) =>
        clause.Text.Split(". ").Select(sentence => sentence.TrimEnd('.') + '.').SelectMany(sentence => Entries.Where(entry => entry.Sign.IsMatch(sentence)).Select(entry => (entry, sentence)));

    [GeneratedRegex(@"\bliab(le|ility)\b.*\b(without (any )?limit|unlimited)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Unlimited();

    [GeneratedRegex(@"\brenew(s|ed)\b.*\bautomatically\b|\bautomatically\b.*\brenew(s|ed)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Renewal();

    [GeneratedRegex(@"\bSupplier may (change|raise|adjust) (its |the )?(prices|fees)\b.*\bat any time\b", RegexOptions.IgnoreCase)]
    private static partial Regex Price();

    [GeneratedRegex(@"\bshall not (buy|purchase|source)\b.*\bfrom any other\b", RegexOptions.IgnoreCase)]
    private static partial Regex Exclusive();

    [GeneratedRegex(@"\bCustomer assigns\b.*\ball rights\b", RegexOptions.IgnoreCase)]
    private static partial Regex Assigned();

    [GeneratedRegex(@"\bgoverned by the laws? of (?!the Customer's country)", RegexOptions.IgnoreCase)]
    private static partial Regex Law();

    [GeneratedRegex(@"\bfees\b.*\b(are )?(not refunded|non-refundable)\b", RegexOptions.IgnoreCase)]
    private static partial Regex Refund();

    [GeneratedRegex(@"\bmay (share|sell|pass on)\b.*\bpersonal data\b", RegexOptions.IgnoreCase)]
    private static partial Regex Data();

    [GeneratedRegex(@"\bCustomer pays\b.*\bpercent\b.*\bfor each day\b", RegexOptions.IgnoreCase)]
    private static partial Regex Penalty();

    [GeneratedRegex(@"\bmay inspect\b.*\bwithout (prior )?notice\b", RegexOptions.IgnoreCase)]
    private static partial Regex Audit();
}

/// <summary>One thing that is looked for.</summary>
internal sealed record Entry(string Kind, Severity Severity, Regex Sign);

internal enum Severity { Low, Medium, High }

using System.Text;
using System.Text.RegularExpressions;

namespace Commerce.Review;

/// <summary>What a supplier sends: the text of each page, in order.</summary>
internal sealed record SupplierContract(string Title, IReadOnlyList<string> Pages);

/// <summary>A numbered clause.</summary>
/// <param name="Page">The one it begins on, from 1.</param>
internal sealed partial record Clause(string Number, string Heading, int Page, string Text)
{
    // "12.3 Payment terms" on a line of its own.
    [GeneratedRegex(@"^(?<number>\d{1,3}\.\d{1,2}) (?<heading>[A-Z].{2,80})$")]
    private static partial Regex Head { get; }

    [GeneratedRegex(@"^Page \d+ of \d+$")]
    private static partial Regex Foot { get; }

    /// <summary>The clauses in their order. One that goes on over the end of a page is one clause still.</summary>
    public static IReadOnlyList<Clause> Split(SupplierContract contract)
    {
        var clauses = new List<Clause>();
        var text = new StringBuilder();
        foreach (var (index, page) in contract.Pages.Index())
        {
            foreach (var line in page.ReplaceLineEndings("\n").Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(line => !Foot.IsMatch(line)))
            {
                if (Head.Match(line) is { Success: true } head)
                {
                    Close();
                    clauses.Add(new Clause(head.Groups["number"].Value, head.Groups["heading"].Value, index + 1, ""));
                }
                else text.Append(text.Length == 0 ? "" : " ").Append(line);
            }
        }
        Close();
        return clauses;

        void Close()
        {
            // What stands before the first clause is no clause.
            if (clauses.Count > 0) clauses[^1] = clauses[^1] with { Text = text.ToString() };
            text.Clear();
        }
    }
}

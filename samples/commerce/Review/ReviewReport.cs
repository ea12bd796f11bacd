using System.Globalization;
using System.Text;
using Headway;

namespace Commerce.Review;

/// <summary>The report in Markdown: the risks with page and clause, the worst first, then what was not assessed, then the decision.</summary>
internal static class ReviewReport
{
    public static string Of(SupplierContract contract, IReadOnlyList<Assessment> assessments)
    {
        var risks = assessments.SelectMany(clause => clause.Risks.Select(risk => (Clause: clause, Risk: risk))).OrderByDescending(found => found.Risk.Severity).ToList();
        var missing = assessments.Where(clause => clause.Missing is not null).ToList();
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# Review of {contract.Title}\n\n{contract.Pages.Count} pages, {assessments.Count} clauses, {risks.Count} risks, {missing.Count} clauses not assessed.\n\n## Risks\n\n");
        if (risks.Count > 0) text.Append("| severity | risk | clause | page | words | what it means |\n|---|---|---|---|---|---|\n");
        foreach (var (clause, risk) in risks)
            text.Append(CultureInfo.InvariantCulture, $"| {risk.Severity} | {risk.Kind} | {clause.Number} {clause.Heading} | {clause.Page} | {Cell(risk.Quote)} | {Cell(risk.Note)} |\n");
        if (risks.Count == 0) text.Append("None of the playbook's.\n");
        if (missing.Count > 0) text.Append("\n## Not assessed\n\nThese were not read; a person must.\n\n");
        foreach (var clause in missing) text.Append(CultureInfo.InvariantCulture, $"- {clause.Number} {clause.Heading}, page {clause.Page}: `{clause.Missing}`\n");
        return text.ToString();
    }

    public static string Decided(string report, Approval legal) =>
        $"{report}\n## Decision\n\n{(legal.Granted ? "Approved" : "Rejected")} by {legal.By}: {legal.Reason ?? "no reason given"}\n";

    // A table's cell is one line.
    private static string Cell(string text) => text.ReplaceLineEndings(" ").Replace("|", "\\|", StringComparison.Ordinal);
}

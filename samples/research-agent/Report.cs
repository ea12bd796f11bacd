using System.Globalization;
using System.Text;
using Headway;

namespace ResearchAgent;

/// <summary>The report in Markdown: each statement with the number of its source, each source with the words it says it in.</summary>
internal static class Report
{
    public static string Of(Enquiry enquiry, string summary, IReadOnlyList<Findings> findings)
    {
        var text = new StringBuilder();
        var sources = findings.SelectMany(found => found.Passages).Select(passage => (passage.Source, passage.Quote)).Distinct().ToList();
        text.Append(CultureInfo.InvariantCulture, $"# {enquiry.Question}\n\n{summary.Trim()}\n");
        foreach (var found in findings.Where(found => found.Missing is null))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n## {found.Topic}\n\n");
            foreach (var passage in found.Passages) text.Append(CultureInfo.InvariantCulture, $"- {passage.Says} [{sources.IndexOf((passage.Source, passage.Quote)) + 1}]\n");
        }
        var missing = findings.Where(found => found.Missing is not null).ToList();
        if (missing.Count > 0) text.Append("\n## Not looked into\n\n");
        foreach (var found in missing) text.Append(CultureInfo.InvariantCulture, $"- {found.Topic}: `{found.Missing}`\n");
        text.Append("\n## Sources\n\n");
        foreach (var (number, (source, quote)) in sources.Index()) text.Append(CultureInfo.InvariantCulture, $"{number + 1}. `{source}.md`: “{quote}”\n");
        return text.ToString();
    }

    public static string Signed(string report, Approval editor) => $"{report}\nApproved by {editor.By}: {editor.Reason ?? "no reason given"}\n";
}

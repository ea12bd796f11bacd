using Headway.Advice;
using Headway.Advice.Reports;
using Headway.Features;
using Spectre.Console;

namespace Headway.Server.Screen;

/// <summary>A check report for people at a terminal: a row for each contract, then what was found.</summary>
internal static class CheckView
{
    public static void Write(Terminal terminal, CheckReport report)
    {
        if (report.Features.Count > 0) terminal.Console.Write(Verdicts(report));
        foreach (var feature in report.Features.Where(feature => feature.Verdict.Fit is not Fit.Fits)) WriteWhy(terminal, feature);
        foreach (var finding in report.Findings)
        {
            terminal.Lines.MarkupLine(
                $"{Printable.Markup($"{finding.File}:{finding.Line}:{finding.Column}")} [{Color(finding.Severity)}]{JobWords.Word(finding.Severity)}[/] [grey]{finding.Code}[/] {Printable.Markup(finding.Message)}");
        }

        terminal.Lines.MarkupLine($"[{(report.Failed ? "red" : "green")}]{Printable.Markup(CheckText.Summary(report))}[/]");
    }

    private static Table Verdicts(CheckReport report)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Feature", "Mode", "Verdict", "Advised", "Rule");
        foreach (var feature in report.Features)
        {
            var verdict = feature.Verdict;
            table.AddRow(
                Printable.Markup(feature.Version.FullName), JobWords.Word(feature.Mode), $"[{Color(verdict)}]{JobWords.Word(verdict.Fit)}[/]",
                JobWords.Word(verdict.Recommended), Printable.Markup($"{verdict.Rule.Number}, {verdict.Rule.Name}"));
        }

        return table;
    }

    private static void WriteWhy(Terminal terminal, FeatureVerdict feature)
    {
        var verdict = feature.Verdict;
        terminal.Lines.MarkupLine($"[{Color(verdict)}]{Printable.Markup(feature.Version.FullName)} {JobWords.Word(verdict.Fit)}[/]: {Printable.Markup(verdict.Why)}");
        terminal.Lines.MarkupLine($"  [grey]flips with[/] {Printable.Markup(verdict.Flips)}");
        if (verdict.Because is not null) terminal.Lines.MarkupLine($"  [grey]kept because[/] {Printable.Markup(verdict.Because)}");
        terminal.Lines.WriteLine();
    }

    private static string Color(Verdict verdict) => verdict.Fit switch
    {
        Fit.Fits => "green",
        Fit.Breaks when verdict.FailsCheck => "red",
        _ => "yellow",
    };

    private static string Color(Severity severity) => severity switch
    {
        Severity.Error => "red",
        Severity.Warning => "yellow",
        _ => "grey",
    };
}

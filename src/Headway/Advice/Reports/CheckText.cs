using Headway.Features;

namespace Headway.Advice.Reports;

/// <summary>A check report for people: a block for each feature, then the findings as compilers write them.</summary>
internal static class CheckText
{
    public static void Write(CheckReport report, TextWriter output)
    {
        foreach (var feature in report.Features)
            WriteFeature(feature, output);
        foreach (var finding in report.Findings)
            output.WriteLine(finding);
        if (report.Features.Count > 0 || report.Findings.Count > 0)
            output.WriteLine();
        output.WriteLine(Summary(report));
    }

    /// <summary>One line: how many of what, and whether the check passed.</summary>
    public static string Summary(CheckReport report)
    {
        var fits = Words.All<Fit>().Select((word, fit) => (word, count: report.Features.Count(feature => feature.Verdict.Fit == (Fit)fit)));
        var severities = Words.All<Severity>().Select((word, severity) => (word, count: report.Findings.Count(finding => finding.Severity == (Severity)severity)));
        var counted = fits.Select(fit => $"{fit.count} {(fit.word == "unproven" ? "unproven" : fit.count == 1 ? fit.word : fit.word[..^1])}")
            .Concat(severities.Select(severity => $"{severity.count} {severity.word}{(severity.count == 1 ? "" : "s")}"));
        return $"{(report.Failed ? "failed" : "passed")}: {string.Join(", ", counted)}";
    }

    private static void WriteFeature(FeatureVerdict feature, TextWriter output)
    {
        var verdict = feature.Verdict;
        var place = feature.Version.PlaceOf("contract.mode");
        output.WriteLine($"{feature.Version.FullName}: {Words.Of(feature.Mode)} {Words.Of(verdict.Fit)}{Advised(feature)} (rule {verdict.Rule.Number}, {verdict.Rule.Name}; line {place.Line})");
        output.WriteLine($"    why    {verdict.Why}");
        output.WriteLine($"    flips  {verdict.Flips}");
        if (verdict.Because is not null)
            output.WriteLine($"    kept because: {verdict.Because}");
    }

    private static string Advised(FeatureVerdict feature) => feature.Verdict.Fit switch
    {
        Fit.Breaks => $", {Words.Of(feature.Verdict.Recommended)} is advised",
        Fit.Unproven when feature.Verdict.Recommended != feature.Mode => $", {Words.Of(feature.Verdict.Recommended)} until it is proven",
        _ => "",
    };
}

using System.Text.Json;
using Headway.Features;

namespace Headway.Advice.Reports;

/// <summary>A check report as SARIF 2.1.0 (OASIS), which code hosts show beside the line.</summary>
internal static class CheckSarif
{
    private const string Schema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

    public static void Write(CheckReport report, Stream output)
    {
        var results = report.Findings.Select(Result).Concat(report.Features.Where(feature => feature.Verdict.Fit is not Fit.Fits).Select(Result)).ToList();
        using var json = new Utf8JsonWriter(output, CheckJson.Readable);
        json.WriteStartObject();
        json.WriteString("$schema", Schema);
        json.WriteString("version", "2.1.0");
        json.WriteStartArray("runs");
        json.WriteStartObject();
        WriteTool(json, results);
        json.WriteString("columnKind", "utf16CodeUnits");
        json.WriteStartArray("results");
        foreach (var result in results)
            WriteResult(json, result);
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static SarifResult Result(Finding finding) => new(finding.Code, Words.Of(finding.Severity), finding.Message, new Place(finding.File, finding.Line, finding.Column));

    private static SarifResult Result(FeatureVerdict feature)
    {
        var verdict = feature.Verdict;
        var text = $"{feature.Version.FullName} {(verdict.Fit is Fit.Breaks ? "breaks" : "is unproven")} as {Words.Of(feature.Mode)}; "
            + $"rule {verdict.Rule.Number} advises {Words.Of(verdict.Recommended)}. {verdict.Why} It flips with: {verdict.Flips}."
            + (verdict.Because is null ? "" : $" Kept because: {verdict.Because}");
        return new SarifResult($"contract-{Words.Of(verdict.Fit)}", verdict.FailsCheck ? "error" : "note", text, feature.Version.PlaceOf("contract.mode"));
    }

    private static void WriteTool(Utf8JsonWriter json, IReadOnlyList<SarifResult> results)
    {
        json.WriteStartObject("tool");
        json.WriteStartObject("driver");
        json.WriteString("name", "headway");
        json.WriteString("version", typeof(CheckSarif).Assembly.GetName().Version!.ToString(3));
        json.WriteStartArray("rules");
        foreach (var rule in results.Select(result => result.Rule).Distinct().Order(StringComparer.Ordinal))
        {
            json.WriteStartObject();
            json.WriteString("id", rule);
            json.WriteStartObject("shortDescription");
            json.WriteString("text", rule.Replace('-', ' '));
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteResult(Utf8JsonWriter json, SarifResult result)
    {
        json.WriteStartObject();
        json.WriteString("ruleId", result.Rule);
        json.WriteString("level", result.Level);
        json.WriteStartObject("message");
        json.WriteString("text", result.Text);
        json.WriteEndObject();
        json.WriteStartArray("locations");
        json.WriteStartObject();
        json.WriteStartObject("physicalLocation");
        json.WriteStartObject("artifactLocation");
        json.WriteString("uri", string.Join('/', result.Place.File.Replace('\\', '/').Split('/').Select(Uri.EscapeDataString)));
        json.WriteEndObject();
        json.WriteStartObject("region");
        json.WriteNumber("startLine", Math.Max(1, result.Place.Line));
        json.WriteNumber("startColumn", Math.Max(1, result.Place.Column));
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private readonly record struct SarifResult(string Rule, string Level, string Text, Place Place);
}

using System.Text.Encodings.Web;
using System.Text.Json;
using Headway.Features;

namespace Headway.Advice.Reports;

/// <summary>A check report as JSON, for scripts and the console.</summary>
internal static class CheckJson
{
    internal static readonly JsonWriterOptions Readable = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(CheckReport report, Stream output)
    {
        using var json = new Utf8JsonWriter(output, Readable);
        json.WriteStartObject();
        json.WriteStartArray("features");
        foreach (var feature in report.Features)
            WriteFeature(json, feature);
        json.WriteEndArray();
        json.WriteStartArray("findings");
        foreach (var finding in report.Findings)
            WriteFinding(json, finding);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteFeature(Utf8JsonWriter json, FeatureVerdict feature)
    {
        json.WriteStartObject();
        json.WriteString("name", feature.Name);
        json.WriteNumber("version", feature.Version.Number);
        json.WriteString("mode", Words.Of(feature.Mode));
        json.WriteString("verdict", Words.Of(feature.Verdict.Fit));
        json.WriteNumber("rule", feature.Verdict.Rule.Number);
        json.WriteString("recommended", Words.Of(feature.Verdict.Recommended));
        json.WriteString("why", feature.Verdict.Why);
        json.WriteString("flips", feature.Verdict.Flips);
        json.WriteString("because", feature.Verdict.Because);
        json.WriteEndObject();
    }

    private static void WriteFinding(Utf8JsonWriter json, Finding finding)
    {
        json.WriteStartObject();
        json.WriteString("severity", Words.Of(finding.Severity));
        json.WriteString("code", finding.Code);
        json.WriteString("message", finding.Message);
        json.WriteString("file", finding.File);
        json.WriteNumber("line", finding.Line);
        json.WriteNumber("column", finding.Column);
        json.WriteString("feature", finding.Feature);
        json.WriteEndObject();
    }
}

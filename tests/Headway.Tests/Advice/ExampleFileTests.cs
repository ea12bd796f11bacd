using System.Text.Json;
using Headway.Advice;
using Headway.Advice.Reports;
using Headway.Features;

namespace Headway.Tests.Advice;

/// <summary>The complete example of the documentation.</summary>
public sealed class ExampleFileTests
{
    internal static readonly Dictionary<string, string> Environment = new()
    {
        ["HEADWAY_MASTER_KEY"] = Convert.ToBase64String(new byte[32]),
        ["HOOK_SECRET"] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        ["LLM_KEY"] = "sk-1",
        ["ANTHROPIC_API_KEY"] = "sk-2",
        ["EHR_DB"] = "postgres://ehr.example.com/ehr?sslmode=verify-full",
        ["RABBIT_URL"] = "amqps://broker.example.com",
        ["ALERT_URL"] = "https://alerts.example.com/hook",
    };

    private static readonly string File = Repository.PathOf("docs/examples/headway.yaml");

    [Fact]
    public void The_example_of_the_documentation_passes_the_check()
    {
        var report = Check.Run(File, Environment.GetValueOrDefault);

        report.Findings.Where(finding => finding.Severity is not Severity.Note).ShouldBeEmpty();
        report.Features.ShouldNotContain(feature => feature.Verdict.FailsCheck);
        report.ExitCode.ShouldBe(0);
    }

    [Fact]
    public void Every_part_of_it_that_cannot_be_served_is_named()
    {
        var file = FeatureFileReader.Read(File, Environment.GetValueOrDefault).File.ShouldNotBeNull();

        file.Unserved.Keys.ShouldBe(
        [
            "the section batches", "the section sources",
            "the mode batch of risk-score@1",
        ], ignoreOrder: true);
    }

    [Fact]
    public void Without_its_variables_the_check_names_each_and_fails()
    {
        var report = Check.Run(File, _ => null);

        report.Findings.Where(finding => finding.Code == "variable-missing").Select(finding => finding.Message.Split(' ')[3])
            .ShouldBe(Environment.Keys, ignoreOrder: true);
        report.ExitCode.ShouldBe(1);
    }

    [Fact]
    public void Its_verdicts_are_those_of_the_page()
    {
        var report = Check.Run(File, Environment.GetValueOrDefault);

        report.Features.Select(feature => $"{feature.Version.FullName} {Words.Of(feature.Mode)} {Words.Of(feature.Verdict.Fit)} {feature.Verdict.Rule.Number}").ShouldBe(
        [
            "intake-triage@1 sync unproven 9",
            "prescription-summary@1 async fits 4",
            "interaction-check@1 hybrid unproven 9",
            "anomaly@1 async fits 4",
            "contract-review@1 async fits 2",
            "assess-clause@1 async fits 3",
            "risk-score@1 batch fits 1",
            "generate@1 sync unproven 9",
            "generate@2 hybrid fits 9",
        ]);
    }

    [Fact]
    public void The_text_report_shows_what_was_found()
    {
        var text = new StringWriter();
        CheckText.Write(Check.Run(File, Environment.GetValueOrDefault), text);

        text.ToString().ShouldContain("prescription-summary@1: async fits (rule 4, nobody waits; line 35)");
        text.ToString().ShouldEndWith("passed: 6 fit, 0 break, 3 unproven, 0 errors, 0 warnings, 3 notes" + System.Environment.NewLine);
    }

    [Fact]
    public void The_json_report_has_the_documented_shape()
    {
        using var output = new MemoryStream();
        CheckJson.Write(Check.Run(File, Environment.GetValueOrDefault), output);

        using var json = JsonDocument.Parse(output.ToArray());
        json.RootElement.EnumerateObject().Select(member => member.Name).ShouldBe(["features", "findings"]);
        json.RootElement.GetProperty("features")[0].EnumerateObject().Select(member => member.Name)
            .ShouldBe(["name", "version", "mode", "verdict", "rule", "recommended", "why", "flips", "because"]);
        json.RootElement.GetProperty("findings")[0].EnumerateObject().Select(member => member.Name)
            .ShouldBe(["severity", "code", "message", "file", "line", "column", "feature"]);
    }

    [Fact]
    public void The_sarif_report_has_a_place_for_every_result()
    {
        using var output = new MemoryStream();
        CheckSarif.Write(Check.Run(File, _ => null), output);

        using var json = JsonDocument.Parse(output.ToArray());
        json.RootElement.GetProperty("version").GetString().ShouldBe("2.1.0");
        var run = json.RootElement.GetProperty("runs")[0];
        var rules = run.GetProperty("tool").GetProperty("driver").GetProperty("rules").EnumerateArray().Select(rule => rule.GetProperty("id").GetString()).ToList();
        var results = run.GetProperty("results").EnumerateArray().ToList();
        results.ShouldNotBeEmpty();
        foreach (var result in results)
        {
            rules.ShouldContain(result.GetProperty("ruleId").GetString());
            new[] { "error", "warning", "note" }.ShouldContain(result.GetProperty("level").GetString());
            var place = result.GetProperty("locations")[0].GetProperty("physicalLocation");
            place.GetProperty("artifactLocation").GetProperty("uri").GetString().ShouldNotBeNull().ShouldEndWith("docs/examples/headway.yaml");
            place.GetProperty("region").GetProperty("startLine").GetInt32().ShouldBeGreaterThan(0);
        }
    }
}

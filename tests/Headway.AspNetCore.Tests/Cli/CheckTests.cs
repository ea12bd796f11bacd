using System.Text.Json;

namespace Headway.AspNetCore.Tests.Cli;

public sealed class CheckTests : IDisposable
{
    private const string Fits = """
        models: { small: { provider: rehearsal }, large: { provider: rehearsal } }
        features:
          triage:
            contract: { mode: sync, caller: waits, acceptableWait: 2s, output: prose, consumer: own-ui, expect: { p95: 1s, p99: 1500ms } }
            handler: { prompt: triage.hbs, models: [small, large] }
            timeout: 3s
        """;

    private const string Breaks = """
        features:
          billing: { contract: { mode: sync, caller: waits, acceptableWait: 2s, affects: financial, consumer: service }, handler: code, timeout: 3s }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("headway-check-").FullName;

    [Fact]
    public async Task A_contract_that_fits_passes()
    {
        var check = await CheckAsync(Fits);

        check.Code.ShouldBe(0, check.Out);
        check.Out.ShouldContain("triage@1: sync fits");
        check.Error.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("clinic", 4)]
    [InlineData("commerce", 5)]
    [InlineData("research-agent", 5)]
    public async Task The_contracts_of_each_sample_fit(string sample, int contracts)
    {
        var root = AppContext.BaseDirectory;
        while (!System.IO.File.Exists(Path.Combine(root, "Headway.slnx"))) root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("The tests do not lie in the repository.");

        var check = await CommandLine.RunAsync(["check", Path.Combine(root, "samples", sample, "headway.yaml")]);

        check.Code.ShouldBe(0, check.Out);
        check.Out.ShouldContain($"passed: {contracts} fit, 0 break, 0 unproven, 0 errors, 0 warnings, 0 notes");
    }

    [Fact]
    public async Task A_contract_that_breaks_fails_with_code_1()
    {
        var check = await CheckAsync(Breaks);

        check.Code.ShouldBe(1);
        check.Out.ShouldContain("billing@1: sync breaks, hybrid is advised (rule 3");
    }

    [Fact]
    public async Task A_contract_that_breaks_with_a_reason_passes_and_the_reason_is_shown()
    {
        var check = await CheckAsync(Breaks.Replace("mode: sync,", "mode: sync, because: the ledger call is idempotent,"));

        check.Code.ShouldBe(0, check.Out);
        check.Out.ShouldContain("the ledger call is idempotent");
    }

    [Theory]
    [InlineData("--format", "json")]
    [InlineData("--json", null)]
    public async Task As_json_the_report_has_verdicts_and_findings(string option, string? value)
    {
        var check = await CheckAsync(Breaks, value is null ? [option] : [option, value]);

        var report = JsonElement.Parse(check.Out);
        check.Code.ShouldBe(1);
        report.GetProperty("features")[0].GetProperty("verdict").GetString().ShouldBe("breaks");
        report.GetProperty("findings").ValueKind.ShouldBe(JsonValueKind.Array);
    }

    [Fact]
    public async Task As_sarif_the_report_points_into_the_file()
    {
        var check = await CheckAsync(Breaks, "--format", "sarif");

        var result = JsonElement.Parse(check.Out).GetProperty("runs")[0].GetProperty("results").EnumerateArray().First(one => one.GetProperty("ruleId").GetString() == "contract-breaks");
        result.GetProperty("level").GetString().ShouldBe("error");
        result.GetProperty("locations")[0].GetProperty("physicalLocation").GetProperty("region").GetProperty("startLine").GetInt32().ShouldBe(2);
    }

    [Fact]
    public async Task For_people_the_verdicts_are_a_table()
    {
        await WriteAsync(Breaks);
        var check = await CommandLine.RunAsync(["check", File], interactive: true);

        check.Out.ShouldContain("Verdict");
        check.Out.ShouldContain("breaks");
        check.Out.ShouldContain("flips with");
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_code_2()
    {
        var check = await CommandLine.RunAsync(["check", File]);

        check.Code.ShouldBe(2);
        check.Error.ShouldContain("There is no feature file");
    }

    [Fact]
    public async Task A_format_that_is_none_is_code_2()
    {
        var check = await CheckAsync(Fits, "--format", "xml");

        check.Code.ShouldBe(2);
        check.Error.ShouldContain("none of text, json, sarif");
    }

    [Fact]
    public async Task The_schema_is_a_json_schema()
    {
        var schema = await CommandLine.RunAsync(["schema"]);

        schema.Code.ShouldBe(0);
        JsonElement.Parse(schema.Out).GetProperty("properties").TryGetProperty("features", out _).ShouldBeTrue();
    }

    private string File => Path.Combine(_folder, "headway.yaml");

    private async Task<CommandLine> CheckAsync(string features, params string[] options)
    {
        await WriteAsync(features);
        return await CommandLine.RunAsync(["check", File, .. options]);
    }

    private async Task WriteAsync(string features)
    {
        await System.IO.File.WriteAllTextAsync(File, features);
        await System.IO.File.WriteAllTextAsync(Path.Combine(_folder, "triage.hbs"), "Triage: {{text}}");
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}

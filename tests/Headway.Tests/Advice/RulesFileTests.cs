using Headway.Advice;
using Headway.Features;

namespace Headway.Tests.Advice;

/// <summary>One feature for each rule, read from a file as a user writes it.</summary>
public sealed class RulesFileTests
{
    private static readonly CheckReport Report = Check.Run(Repository.PathOf("tests/Headway.Tests/Advice/rules.yaml"), _ => null);

    [Theory]
    [InlineData("rule-1", 1, "batch")]
    [InlineData("rule-2", 2, "async")]
    [InlineData("rule-2-waits", 2, "hybrid")]
    [InlineData("rule-3", 3, "async")]
    [InlineData("rule-3-waits", 3, "hybrid")]
    [InlineData("rule-4", 4, "async")]
    [InlineData("rule-5", 5, "hybrid")]
    [InlineData("rule-5-stream", 5, "stream")]
    [InlineData("rule-6", 6, "stream")]
    [InlineData("rule-7", 7, "sync")]
    [InlineData("rule-8", 8, "hybrid")]
    [InlineData("rule-9", 9, "hybrid")]
    public void Each_rule_has_a_contract_that_fits_it(string feature, int rule, string mode) => Verdict(feature).ShouldBe((Fit.Fits, rule, mode));

    [Theory]
    [InlineData("broken-1", 1, "batch")]
    [InlineData("broken-2", 2, "hybrid")]
    [InlineData("broken-3", 3, "hybrid")]
    [InlineData("broken-4", 4, "async")]
    [InlineData("broken-5", 5, "hybrid")]
    [InlineData("broken-6", 6, "stream")]
    [InlineData("broken-7", 7, "sync")]
    [InlineData("broken-8", 8, "hybrid")]
    [InlineData("broken-9", 9, "hybrid")]
    public void Each_rule_breaks_a_contract_against_it(string feature, int rule, string mode)
    {
        Verdict(feature).ShouldBe((Fit.Breaks, rule, mode));
        Report.Features.Single(judged => judged.Name == feature).Verdict.FailsCheck.ShouldBeTrue();
    }

    [Fact]
    public void A_reason_keeps_a_mode_and_a_missing_number_fails_nothing()
    {
        Verdict("kept-8").ShouldBe((Fit.Breaks, 8, "hybrid"));
        Verdict("unproven-9").ShouldBe((Fit.Unproven, 9, "hybrid"));
        Report.Features.Where(judged => judged.Name is "kept-8" or "unproven-9").ShouldAllBe(judged => !judged.Verdict.FailsCheck);
    }

    [Fact]
    public void Nothing_but_the_broken_contracts_fails_the_check()
    {
        Report.Findings.Where(finding => finding.Severity is Severity.Error).ShouldBeEmpty();
        Report.ExitCode.ShouldBe(1);
    }

    private static (Fit, int, string) Verdict(string feature)
    {
        var verdict = Report.Features.Single(judged => judged.Name == feature).Verdict;
        return (verdict.Fit, verdict.Rule.Number, Words.Of(verdict.Recommended));
    }
}

using Headway.Advice;

namespace Headway.Tests.Advice;

public sealed class DecisionRulePageTests
{
    private static readonly string Page = File.ReadAllText(Repository.PathOf("docs/decision-rule.md"));

    [Fact]
    public void The_table_of_the_page_is_the_rules_word_for_word()
    {
        var rows = DecisionRule.Rules.Select(rule => $"| {rule.Number} | {rule.When} | {rule.Mode} | {rule.Why} |\n");

        Page.ShouldContain("|---|---|---|---|\n" + string.Concat(rows) + "\n");
        DecisionRule.Rules.Select(rule => rule.Number).ShouldBe(Enumerable.Range(1, 9));
    }

    [Fact]
    public void The_page_names_every_obligation_and_every_code()
    {
        var rows = Check.Obligations.Select(obligation => $"| {obligation.Owes} | {string.Join(", ", obligation.Codes.Select(code => $"`{code}`"))} |\n");

        Page.ShouldContain("| owed | finding |\n|---|---|\n" + string.Concat(rows) + "\n");
    }
}

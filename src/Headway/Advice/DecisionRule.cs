using Headway.Advice.Rules;
using Headway.Features;

namespace Headway.Advice;

/// <summary>Which mode a contract should have: the first rule that matches says. A pure function of what was answered and what was measured.</summary>
internal static class DecisionRule
{
    /// <summary>In order; the last one always matches.</summary>
    public static readonly IReadOnlyList<Rule> Rules =
    [
        new Rule1DatasetsAreBatches(),
        new Rule2LongWorkIsAWorkflow(),
        new Rule3TransactionsAreCarriedOn(),
        new Rule4NobodyWaits(),
        new Rule5NoSpinnerSurvives(),
        new Rule6ConversationsStream(),
        new Rule7FastEnoughIsSync(),
        new Rule8TheSlowPartIsQueued(),
        new Rule9AnythingElse(),
    ];

    public static Verdict Judge(Answers answers, Measurements measurements)
    {
        var numbers = Numbers.Of(answers, measurements);
        var passedOver = new List<(Rule Rule, Ruling.PassedOver Ruling)>();
        foreach (var rule in Rules)
        {
            switch (rule.Ask(answers, numbers))
            {
                case Ruling.PassedOver unknown:
                    passedOver.Add((rule, unknown));
                    break;
                case Ruling.Matches matched:
                    return Verdict(answers, rule, matched, [.. passedOver.Where(passed => passed.Ruling.Could.Any(mode => mode != matched.Mode))]);
            }
        }

        throw new InvalidOperationException("The last rule always matches.");
    }

    private static Verdict Verdict(Answers answers, Rule rule, Ruling.Matches matched, IReadOnlyList<(Rule Rule, Ruling.PassedOver Ruling)> undecided)
    {
        var fit = undecided.Count > 0 ? Fit.Unproven : answers.Mode == matched.Mode ? Fit.Fits : Fit.Breaks;
        var why = $"{matched.Because}: {rule.Why}.";
        if (fit is Fit.Breaks)
            why += $" As {Words.Of(answers.Mode)}, {rule.Otherwise}.";
        foreach (var (passed, ruling) in undecided)
            why += $" Not known is {ruling.Missing}, with which rule {passed.Number} ({passed.Name}) could say {string.Join(" or ", ruling.Could.Select(Words.Of))}.";

        return new Verdict
        {
            Fit = fit,
            Rule = rule,
            Recommended = matched.Mode,
            Why = char.ToUpperInvariant(why[0]) + why[1..],
            Flips = fit is Fit.Unproven ? $"knowing {string.Join(" and ", undecided.Select(passed => passed.Ruling.Missing).Distinct())}" : matched.Flips,
            Because = answers.Because,
        };
    }
}

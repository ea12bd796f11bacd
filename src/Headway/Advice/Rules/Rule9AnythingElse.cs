using Headway.Features;

namespace Headway.Advice.Rules;

internal sealed class Rule9AnythingElse : Rule
{
    public override int Number => 9;
    public override string Name => "anything else";
    public override string When => "anything else (not measured, contradictory)";
    public override string Mode => "hybrid";
    public override string Why => "the fast case is answered inline, the slow one is not lost";
    public override string Otherwise => "either the slow case is lost or the fast one is made to ask again";

    public override Ruling Ask(Answers answers, Numbers numbers) => new Ruling.Matches(Features.Mode.Hybrid, "no rule before matches", Missing(answers, numbers));

    private static string Missing(Answers answers, Numbers numbers)
    {
        var missing = new List<string>();
        if (answers.Caller is null)
            missing.Add("caller");
        if (answers.Caller is CallerHabit.Converses && answers.Output is null)
            missing.Add("output");
        if (answers.AcceptableWait is null)
            missing.Add("audience or acceptableWait");
        if (numbers.P99 is null)
            missing.Add("expect.p95 and expect.p99, or measurements");
        return missing.Count == 0 ? "answers that do not contradict each other" : $"say {string.Join(", ", missing)}";
    }
}

using Headway.Features;

namespace Headway.Advice.Rules;

internal sealed class Rule5NoSpinnerSurvives : Rule
{
    private const int Few = 2;
    private static readonly TimeSpan Bearable = TimeSpan.FromSeconds(5);

    public override int Number => 5;
    public override string Name => "no spinner survives this";
    public override string When => "p95 > 5 s, or more than 2 chained calls";
    public override string Mode => "hybrid; but stream if it converses in prose with at most 2 calls and firstToken <= acceptableWait";
    public override string Why => "no spinner survives this; acknowledge, then push";
    public override string Otherwise => "callers give up before the answer, and the work is paid for and thrown away";

    public override Ruling Ask(Answers answers, Numbers numbers)
    {
        if (answers.Steps > Few)
        {
            return new Ruling.Matches(Features.Mode.Hybrid, $"{answers.Steps} chained calls against {Few}", $"at most {Few} chained calls");
        }

        var couldStream = answers is { Caller: CallerHabit.Converses, Output: OutputShape.Prose };
        if (numbers.P95 is not { } p95)
            return new Ruling.PassedOver("p95", couldStream ? [Features.Mode.Hybrid, Features.Mode.Stream] : [Features.Mode.Hybrid]);
        if (p95 <= Bearable)
            return Ruling.No;

        var slow = $"{numbers.Say("p95", p95)} against {Duration.Say(Bearable)}";
        if (!couldStream)
            return new Ruling.Matches(Features.Mode.Hybrid, slow, $"a p95 of {Duration.Say(Bearable)} or less");
        if (answers.AcceptableWait is not { } wait)
            return new Ruling.PassedOver("acceptableWait", Features.Mode.Hybrid, Features.Mode.Stream);
        if (numbers.FirstToken is not { } first)
            return new Ruling.PassedOver("firstToken", Features.Mode.Hybrid, Features.Mode.Stream);

        var shown = $"{slow}, {numbers.Say("first token", first)} against {Duration.Say(wait)}";
        return first <= wait
            ? new Ruling.Matches(Features.Mode.Stream, $"{shown}: what is read while it is written is not waited for", $"hybrid once the first token takes longer than {Duration.Say(wait)}")
            : new Ruling.Matches(Features.Mode.Hybrid, shown, $"stream with a first token within {Duration.Say(wait)}");
    }
}

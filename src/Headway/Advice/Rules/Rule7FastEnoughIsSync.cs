using Headway.Features;

namespace Headway.Advice.Rules;

internal sealed class Rule7FastEnoughIsSync : Rule
{
    public override int Number => 7;
    public override string Name => "fast enough is sync";
    public override string When => "waits (or converses with structured output), and p99 <= acceptableWait";
    public override string Mode => "sync";
    public override string Why => "simplest path, simplest audit trail, failure visible at once";
    public override string Otherwise => "callers handle jobs and second requests for an answer that was ready in time";

    public override Ruling Ask(Answers answers, Numbers numbers)
    {
        if (!NeedsTheWhole(answers))
            return Ruling.No;
        if (answers.AcceptableWait is not { } wait)
            return new Ruling.PassedOver("acceptableWait", Features.Mode.Sync);
        if (numbers.P99 is not { } p99)
            return new Ruling.PassedOver("p99", Features.Mode.Sync);
        return p99 <= wait
            ? new Ruling.Matches(Features.Mode.Sync, $"{numbers.Say("p99", p99)} against {Duration.Say(wait)}", $"hybrid once p99 exceeds {Duration.Say(wait)}")
            : Ruling.No;
    }

    /// <summary>The caller can do nothing with a part of the answer.</summary>
    public static bool NeedsTheWhole(Answers answers) =>
        answers.Caller is CallerHabit.Waits || answers is { Caller: CallerHabit.Converses, Output: OutputShape.Structured };
}

using Headway.Features;

namespace Headway.Advice.Rules;

internal sealed class Rule8TheSlowPartIsQueued : Rule
{
    public override int Number => 8;
    public override string Name => "the slow part is queued";
    public override string When => "the same, and p99 > acceptableWait";
    public override string Mode => "hybrid";
    public override string Why => "sync would be a lie for the slow part";
    public override string Otherwise => "the slow part times out in front of the caller";

    public override Ruling Ask(Answers answers, Numbers numbers)
    {
        if (!Rule7FastEnoughIsSync.NeedsTheWhole(answers))
            return Ruling.No;
        if (answers.AcceptableWait is not { } wait)
            return new Ruling.PassedOver("acceptableWait", Features.Mode.Hybrid);
        if (numbers.P99 is not { } p99)
            return new Ruling.PassedOver("p99", Features.Mode.Hybrid);
        return p99 > wait
            ? new Ruling.Matches(Features.Mode.Hybrid, $"{numbers.Say("p99", p99)} against {Duration.Say(wait)}", $"sync again at {Duration.Say(wait)} or below")
            : Ruling.No;
    }
}

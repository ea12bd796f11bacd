using Headway.Features;

namespace Headway.Advice.Rules;

internal sealed class Rule4NobodyWaits : Rule
{
    public override int Number => 4;
    public override string Name => "nobody waits";
    public override string When => "the caller leaves";
    public override string Mode => "async";
    public override string Why => "the next action does not depend on the output";
    public override string Otherwise => "a connection and a slot of the pool are held for somebody who is gone";

    public override Ruling Ask(Answers answers, Numbers numbers) => answers.Caller is CallerHabit.Leaves
        ? new Ruling.Matches(Features.Mode.Async, "the caller leaves", "a caller who waits or converses")
        : Ruling.No;
}

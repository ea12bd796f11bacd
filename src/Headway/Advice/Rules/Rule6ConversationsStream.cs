using Headway.Features;

namespace Headway.Advice.Rules;

internal sealed class Rule6ConversationsStream : Rule
{
    public override int Number => 6;
    public override string Name => "conversations stream";
    public override string When => "converses, prose";
    public override string Mode => "stream";
    public override string Why => "perceived latency is the contract";
    public override string Otherwise => "the reader looks at nothing until the last word is written";

    public override Ruling Ask(Answers answers, Numbers numbers) => answers is { Caller: CallerHabit.Converses, Output: OutputShape.Prose }
        ? new Ruling.Matches(Features.Mode.Stream, "the caller converses in prose", "structured output, or a caller who does not converse")
        : Ruling.No;
}

using Headway.Features;

namespace Headway.Advice.Rules;

internal sealed class Rule2LongWorkIsAWorkflow : Rule
{
    private const int Many = 5;
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    public override int Number => 2;
    public override string Name => "long work is a workflow";
    public override string When => "approval, or 5 steps or more, or longest > 60 s";
    public override string Mode => "async by a workflow (hybrid if the caller waits)";
    public override string Why => "must survive the loss of a machine";
    public override string Otherwise => "a connection or a machine that goes away takes the paid steps with it";

    public override Ruling Ask(Answers answers, Numbers numbers)
    {
        var facts = new List<string>();
        var undone = new List<string>();
        if (answers.Approval)
            (facts, undone) = ([.. facts, "a person approves"], [.. undone, "no approval"]);
        if (answers.Steps >= Many)
            (facts, undone) = ([.. facts, $"{answers.Steps} steps against {Many}"], [.. undone, $"fewer than {Many} steps"]);
        if (answers.Longest > Long)
            (facts, undone) = ([.. facts, $"{Duration.Say(answers.Longest.Value)} at worst against {Duration.Say(Long)}"], [.. undone, $"at most {Duration.Say(Long)} at worst"]);

        return facts.Count == 0
            ? Ruling.No
            : new Ruling.Matches(AsyncUnlessWaiting(answers), string.Join(" and ", facts), string.Join(" and ", undone));
    }
}

using Headway.Features;

namespace Headway.Advice.Rules;

internal sealed class Rule1DatasetsAreBatches : Rule
{
    public override int Number => 1;
    public override string Name => "datasets are batches";
    public override string When => "input is a dataset";
    public override string Mode => "batch";
    public override string Why => "nobody waits; efficiency and restartability count";
    public override string Otherwise => "one call for a whole dataset starts again from nothing when it breaks";

    public override Ruling Ask(Answers answers, Numbers numbers) => answers.Input is InputShape.Dataset
        ? new Ruling.Matches(Features.Mode.Batch, "the input is a dataset", "one item at a time (input: one)")
        : Ruling.No;
}

using System.Text.Json;
using Headway.Features;

namespace Headway.Workflows.Steps;

/// <summary>Branches side by side: all of them, or the first that succeeds.</summary>
internal sealed class RunnableBranches(BranchesStep step, IReadOnlyList<(string Name, IReadOnlyList<RunnableStep> Steps)> branches) : RunnableStep(step.Name)
{
    public override async Task<JsonElement> RunAsync(StepScope scope, WorkflowContext flow)
    {
        if (step.IsRace)
        {
            var (won, value) = await flow.Race(branches.Select(branch => (Func<WorkflowContext, Task<(string, JsonElement)>>)(async runner => (branch.Name, await RunAsync(branch.Steps, scope, runner)))).ToList());
            return StepJson.Object([("won", StepJson.Text(won)), ("value", value)]);
        }

        var results = await flow.All(branches.Select(branch => RunAsync(branch.Steps, scope, flow)));
        return StepJson.Object(branches.Select((branch, number) => (branch.Name, results[number])));
    }
}

using System.Text.Json;

namespace Headway.Workflows.Steps;

/// <summary>A step, ready to be done as often as its definition is used.</summary>
/// <param name="name">As later steps call it.</param>
internal abstract class RunnableStep(string name)
{
    public string Name => name;

    /// <summary>In the body of the workflow: it awaits only what the verbs give.</summary>
    /// <exception cref="WorkflowFailedException">It failed for good.</exception>
    public abstract Task<JsonElement> RunAsync(StepScope scope, WorkflowContext flow);

    /// <summary>Steps one after the other; the result is that of the last.</summary>
    public static async Task<JsonElement> RunAsync(IReadOnlyList<RunnableStep> steps, StepScope scope, WorkflowContext flow)
    {
        var last = StepJson.Null;
        foreach (var step in steps)
        {
            last = await step.RunAsync(scope, flow);
            scope = scope.After(step.Name, last);
        }

        return last;
    }
}

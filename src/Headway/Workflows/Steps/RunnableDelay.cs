using System.Text.Json;
using Headway.Features;

namespace Headway.Workflows.Steps;

/// <summary>Waits for a time.</summary>
internal sealed class RunnableDelay(DelayStep step) : RunnableStep(step.Name)
{
    public override async Task<JsonElement> RunAsync(StepScope scope, WorkflowContext flow)
    {
        await flow.Delay(step.Delay, step.Path);
        return StepJson.Null;
    }
}

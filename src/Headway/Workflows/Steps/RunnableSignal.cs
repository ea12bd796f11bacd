using System.Text.Json;
using Headway.Features;
using Headway.Handlers.Code;
using Microsoft.Extensions.Logging;

namespace Headway.Workflows.Steps;

/// <summary>Waits for a signal, or for a decision that one brings.</summary>
internal sealed class RunnableSignal(SignalStep step, IReadOnlyList<RunnableStep> instead) : RunnableStep(step.Name)
{
    public override async Task<JsonElement> RunAsync(StepScope scope, WorkflowContext flow)
    {
        WorkflowFailedException failure;
        var came = StepJson.Null;
        try
        {
            if (!step.IsApproval) return await flow.Signal<JsonElement>(step.Signal, step.Within);
            var decision = await DecisionAsync(flow);
            came = JsonSerializer.SerializeToElement(decision, CodeJson.Options);
            if (decision.Granted) return came;
            failure = new WorkflowFailedException("approval-denied", $"Step {step.Path}: {decision.By ?? "somebody"} said no to {step.Signal}{(decision.Reason is { Length: > 0 } reason ? $": {reason}" : ".")}");
        }
        catch (WorkflowTimeoutException late)
        {
            failure = late;
        }

        return step.Otherwise switch
        {
            Absence.Continue => came,
            Absence.Steps => await RunAsync(instead, step.IsApproval ? scope.After(step.Name, came) : scope, flow),
            // As it was thrown: a dead letter that is replayed waits anew.
            _ => throw failure,
        };
    }

    // What is no decision was a slip of whoever sent it, and another may come.
    private async Task<Approval> DecisionAsync(WorkflowContext flow)
    {
        DateTimeOffset? until = step.Within is { } within ? flow.Now + within : null;
        while (true)
        {
            try
            {
                return await flow.Approval(step.Signal, until - flow.Now);
            }
            catch (WorkflowFailedException unfit) when (unfit.Code == "signal-invalid")
            {
                if (!flow.IsReplaying) flow.Logger.LogWarning("{Job}: {Reason}", flow.Job, unfit.Message);
            }
        }
    }
}

using System.Text.Json;
using Headway.Features;
using Headway.Handlers;
using Headway.Handlers.Code;

namespace Headway.Workflows.Steps;

/// <summary>A workflow that the feature file writes: a body over the same verbs as one of C#.</summary>
internal sealed class StepsWork : WorkflowWork
{
    private readonly IReadOnlyList<RunnableStep> _steps;
    private readonly StepValue? _result;

    /// <param name="handlers">The handler of a version: of this one with the handler of a step.</param>
    public StepsWork(FeatureVersion version, StepsDefinition definition, Func<FeatureVersion, Handler> handlers)
    {
        _steps = new StepMaker(version, handlers).Of(definition.Steps);
        _result = definition.Result is { } result ? new StepValue(result) : null;
    }

    public override StartedWorkflow Start(Attempt attempt, WorkflowContext flow)
    {
        var body = RunAsync(attempt, flow);
        return new StartedWorkflow(body, async () => Done(await body.ConfigureAwait(false), attempt), null);
    }

    private async Task<JsonElement> RunAsync(Attempt attempt, WorkflowContext flow)
    {
        // Of its own, so that a branch that is given up may still look at it when this has ended.
        var scope = StepScope.Of(StepJson.Of(attempt.Input.Json));
        var last = StepJson.Null;
        for (var i = 0; i < _steps.Count; i++)
        {
            last = await _steps[i].RunAsync(scope, flow);
            scope = scope.After(_steps[i].Name, last);
            flow.Progress(i + 1, _steps.Count, _steps[i].Name);
        }

        return _result is null ? last : _result.Render(scope, "result");
    }

    private static Outcome Done(JsonElement answer, Attempt attempt) => answer.ValueKind is JsonValueKind.String
        ? CodeWork.Done(answer.GetString(), typeof(string), attempt)
        : CodeWork.Done(answer, typeof(JsonElement), attempt);
}

using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Headway.Features;
using Headway.Features.Templates;
using Headway.Handlers;
using Headway.Jobs.Running;
using Headway.Workflows.Running;

namespace Headway.Workflows.Steps;

/// <summary>A prompt or an HTTP service, by the same handler that does the work of a feature: limits, failover, repair, costs and disclosures are its.</summary>
/// <param name="version">That of the workflow, with the handler of the step.</param>
internal sealed class RunnableHandler(WorkStep step, FeatureVersion version, Handler handler) : RunnableWork(step)
{
    private readonly WorkStep _step = step;
    private readonly TemplateNames? _names = step.Handler is PromptDefinition prompt ? TemplateNames.Of(prompt.Template) : null;

    protected override string Word => _names is null ? "http" : "prompt";

    protected override Task<JsonElement> DoAsync(string name, StepScope scope, WorkflowContext flow)
    {
        // In the body, so that a value that is not there is no failure of the step, which would be tried again.
        JsonElement? input = _names is null || HasInput ? InputOf(scope) : null;
        return flow.Step(name, (attempt, stop) => AskAsync(attempt, input is { } given ? JsonMarshal.GetRawUtf8Value(given).ToArray() : scope.PromptData(_names!), stop));
    }

    private async Task<JsonElement> AskAsync(StepTry attempt, byte[] input, CancellationToken stop)
    {
        CheckSize(input.Length);
        var whole = attempt.Attempt;
        var files = _step.Files ? whole.Input.Files : [];
        var part = whole.Of(
            attempt.Key.ToString(), version, new JobInput { MediaType = Result.Json, Json = input, Files = files }, attempt.Number, RetryPolicy.FirstModel(version.Retry, attempt.Tally), NoOutput.Instance);
        var outcome = await handler.RunAsync(part, stop).ConfigureAwait(false);
        return outcome is Outcome.Done done ? ValueOf(done.Result) : throw new StepEndedException(outcome);
    }

    private JsonElement ValueOf(Result result)
    {
        var type = result.MediaType.Split(';')[0].Trim();
        if (type is Result.Json || type.EndsWith("+json", StringComparison.Ordinal)) return StepJson.Of(result.Body);
        if (type.StartsWith("text/", StringComparison.Ordinal)) return StepJson.Text(Encoding.UTF8.GetString(result.Body.Span));
        throw new WorkflowFailedException("step-answer-unreadable", $"Step {_step.Path} was answered with {type}, which no later step can read: answer with JSON or text, or keep it elsewhere and answer with a reference.");
    }
}

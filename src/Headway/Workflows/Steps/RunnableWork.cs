using System.Runtime.InteropServices;
using System.Text.Json;
using Headway.Features;
using Headway.Features.Templates;
using Headway.Handlers;

namespace Headway.Workflows.Steps;

/// <summary>Work that is done once, or for each item of a list.</summary>
internal abstract class RunnableWork(WorkStep step) : RunnableStep(step.Name)
{
    private readonly StepValue? _each = step.Each is { } each ? StepValue.OfText(each) : null;
    private readonly StepValue? _input = step.Input is { } input ? new StepValue(input) : null;

    /// <summary>What the work of an item is called in the journal, behind the item.</summary>
    protected abstract string Word { get; }

    public override async Task<JsonElement> RunAsync(StepScope scope, WorkflowContext flow)
    {
        if (_each is null) return await DoAsync(step.Path, scope, flow);
        var list = _each.Render(scope, step.Path);
        if (list.ValueKind is not JsonValueKind.Array)
            throw new WorkflowFailedException("step-each-not-list", $"Step {step.Path}: {step.Each!.Trim()} is {ValueTemplate.Says(list)}, and `each` goes over a list.");
        return StepJson.List(await flow.Each(step.Path, list.EnumerateArray().ToList(), (item, branch) => DoAsync(Word, scope.With(item), branch), step.Concurrency));
    }

    protected abstract Task<JsonElement> DoAsync(string name, StepScope scope, WorkflowContext flow);

    /// <summary>What the work is given: what the file says, or what is usual.</summary>
    protected JsonElement InputOf(StepScope scope)
    {
        var input = _input?.Render(scope, step.Path) ?? scope.Given;
        CheckSize(JsonMarshal.GetRawUtf8Value(input).Length);
        return input;
    }

    protected bool HasInput => _input is not null;

    protected void CheckSize(int bytes)
    {
        if (bytes > ResultSize.Largest) throw new WorkflowFailedException("step-input-too-large", $"Step {step.Path}: what it is given has {bytes / (1024 * 1024)} MiB, and {ResultSize.Largest / (1024 * 1024)} is the most. Keep it elsewhere and pass a reference, or go over its parts with `each`.");
    }
}

/// <summary>A job of another feature.</summary>
internal sealed class RunnableCall(WorkStep step) : RunnableWork(step)
{
    private readonly string _feature = step.Feature!;

    protected override string Word => _feature;

    protected override Task<JsonElement> DoAsync(string name, StepScope scope, WorkflowContext flow) => flow.Call(name, _feature, InputOf(scope));
}

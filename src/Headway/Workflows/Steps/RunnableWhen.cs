using System.Globalization;
using System.Text.Json;
using Headway.Features;
using Headway.Features.Templates;

namespace Headway.Workflows.Steps;

/// <summary>Goes one way or the other, by a value.</summary>
internal sealed class RunnableWhen(WhenStep step, IReadOnlyList<RunnableStep> then, IReadOnlyList<RunnableStep> otherwise) : RunnableStep(step.Name)
{
    private readonly StepValue _value = StepValue.OfText(step.When);

    public override Task<JsonElement> RunAsync(StepScope scope, WorkflowContext flow) => RunAsync(Holds(scope) ? then : otherwise, scope, flow);

    private bool Holds(StepScope scope)
    {
        // What is only asked for may be missing, as in a prompt.
        if (_value.TryRender(scope, out _) is not { } value) return false;
        if (step.Is.Count > 0) return step.Is.Contains(TextOf(value));
        if (step.Above is null && step.Below is null) return IsSomething(value);
        var number = NumberOf(value);
        return !(number <= step.Above) && !(number >= step.Below);
    }

    private static string TextOf(JsonElement value) => value.ValueKind is JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private decimal NumberOf(JsonElement value) =>
        value.ValueKind is JsonValueKind.Number or JsonValueKind.String && decimal.TryParse(TextOf(value), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number
        : throw new WorkflowFailedException("step-when-not-number", $"Step {step.Path}: {step.When.Trim()} is {ValueTemplate.Says(value)}, and `above` and `below` compare numbers.");

    private static bool IsSomething(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.False or JsonValueKind.Null or JsonValueKind.Undefined => false,
        JsonValueKind.Number => value.TryGetDouble(out var number) && number != 0,
        JsonValueKind.String => value.GetString()!.Length > 0,
        JsonValueKind.Array => value.GetArrayLength() > 0,
        _ => true,
    };
}

using System.Text.Json;
using Headway.Features.Templates;

namespace Headway.Workflows.Steps;

/// <summary>A value of the feature file with templates in its texts, compiled once.</summary>
internal sealed class StepValue
{
    private readonly JsonElement _value;
    private readonly Dictionary<string, ValueTemplate> _templates = new(StringComparer.Ordinal);

    /// <param name="json">As the definition keeps it.</param>
    public StepValue(string json)
    {
        using var parsed = JsonDocument.Parse(json);
        _value = parsed.RootElement.Clone();
        Compile(_value);
    }

    public static StepValue OfText(string text) => new(JsonSerializer.Serialize(text));

    /// <param name="step">For error texts.</param>
    /// <exception cref="WorkflowFailedException">It names what is not there.</exception>
    public JsonElement Render(StepScope scope, string step) =>
        _value.ValueKind is JsonValueKind.String ? Text(_value, scope, step) : StepJson.Of(StepJson.Write(json => Write(json, _value, scope, step)));

    /// <summary>Null with the problem in words: what it names is not there.</summary>
    public JsonElement? TryRender(StepScope scope, out string? problem)
    {
        problem = null;
        return _templates.TryGetValue(_value.GetString()!, out var template) ? scope.Render(template, out problem) : _value;
    }

    private void Compile(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in value.EnumerateObject()) Compile(member.Value);
                break;
            case JsonValueKind.Array:
                foreach (var item in value.EnumerateArray()) Compile(item);
                break;
            case JsonValueKind.String when value.GetString()! is var text && ValueTemplate.IsTemplate(text) && ValueTemplate.TryParse(text, out var template, out _):
                _templates[text] = template!;
                break;
            default:
                break;
        }
    }

    private void Write(Utf8JsonWriter json, JsonElement value, StepScope scope, string step)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var member in value.EnumerateObject())
                {
                    json.WritePropertyName(member.Name);
                    Write(json, member.Value, scope, step);
                }

                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in value.EnumerateArray()) Write(json, item, scope, step);
                json.WriteEndArray();
                break;
            case JsonValueKind.String:
                Text(value, scope, step).WriteTo(json);
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }

    private JsonElement Text(JsonElement text, StepScope scope, string step)
    {
        if (!_templates.TryGetValue(text.GetString()!, out var template)) return text;
        return scope.Render(template, out var problem)
            ?? throw new WorkflowFailedException("step-value-missing", $"Step {step}: {problem}. Correct the feature file, or what gives the value; a job that began keeps its steps, so submit it anew.");
    }
}

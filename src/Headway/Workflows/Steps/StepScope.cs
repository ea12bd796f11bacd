using System.Text.Json;
using Headway.Features.Templates;

namespace Headway.Workflows.Steps;

/// <summary>What the templates of a step can name: the input of the job, the steps that have ended before it, and its item. Never changed, so that branches cannot see each other's.</summary>
internal sealed class StepScope
{
    private readonly JsonElement _input;
    private readonly JsonElement? _item;
    private readonly StepScope? _before;
    private readonly string? _name;
    private readonly JsonElement _result;

    private StepScope(JsonElement input, JsonElement? item, StepScope? before, string? name, JsonElement result) =>
        (_input, _item, _before, _name, _result) = (input, item, before, name, result);

    public static StepScope Of(JsonElement input) => new(input, null, null, null, default);

    public StepScope After(string step, JsonElement result) => new(_input, _item, this, step, result);

    public StepScope With(JsonElement item) => new(_input, item, this, null, default);

    /// <summary>What work gets that the file gives nothing.</summary>
    public JsonElement Given => _item ?? _input;

    /// <summary>As much of it as a template names.</summary>
    public JsonElement Data(TemplateNames names) => StepJson.Of(StepJson.Write(json =>
    {
        json.WriteStartObject();
        WriteNamed(json, names);
        json.WriteEndObject();
    }));

    /// <summary>For the template of a prompt: the fields of the input besides, as if it were no step.</summary>
    public byte[] PromptData(TemplateNames names) => StepJson.Write(json =>
    {
        json.WriteStartObject();
        if (_input.ValueKind is JsonValueKind.Object)
        {
            foreach (var field in _input.EnumerateObject().Where(field => !TemplateNames.Known.Contains(field.Name))) field.WriteTo(json);
        }

        WriteNamed(json, names);
        json.WriteEndObject();
    });

    private void WriteNamed(Utf8JsonWriter json, TemplateNames names)
    {
        if (names.Roots.Contains(TemplateNames.OfInput)) Write(json, TemplateNames.OfInput, _input);
        if (_item is { } item && names.Roots.Contains(TemplateNames.OfItem)) Write(json, TemplateNames.OfItem, item);
        if (!names.Roots.Contains(TemplateNames.OfSteps)) return;
        json.WriteStartObject(TemplateNames.OfSteps);
        for (var scope = this; scope is not null; scope = scope._before)
        {
            if (scope._name is { } name && (names.AllSteps || names.Steps.Contains(name))) Write(json, name, scope._result);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, JsonElement value)
    {
        json.WritePropertyName(name);
        value.WriteTo(json);
    }
}

using System.Text.Json;
using Headway.Features.Templates;

namespace Headway.Workflows.Steps;

/// <summary>What the templates of a step can name: the input of the job, the steps that have ended before it, and its item. Never changed, so that branches cannot see each other's.</summary>
internal sealed class StepScope
{
    private readonly StepDatum _input;
    private readonly StepDatum? _item;
    private readonly StepScope? _before;
    private readonly string? _name;
    private readonly StepDatum? _result;

    private StepScope(StepDatum input, StepDatum? item, StepScope? before, string? name, StepDatum? result) =>
        (_input, _item, _before, _name, _result) = (input, item, before, name, result);

    public static StepScope Of(JsonElement input) => new(new StepDatum(input), null, null, null, null);

    public StepScope After(string step, JsonElement result) => new(_input, _item, this, step, new StepDatum(result));

    public StepScope With(JsonElement item) => new(_input, new StepDatum(item), this, null, null);

    /// <summary>What work gets that the file gives nothing.</summary>
    public JsonElement Given => (_item ?? _input).Json;

    /// <summary>The value of a template; null with the problem in words when it names what is not there.</summary>
    public JsonElement? Render(ValueTemplate template, out string? problem)
    {
        if (template.Path is { } path && path is not [TemplateNames.OfSteps])
        {
            var (at, passed) = path[0] switch
            {
                TemplateNames.OfInput => (_input.Json, 1),
                TemplateNames.OfItem => (_item?.Json, 1),
                TemplateNames.OfSteps => (Find(path[1])?.Json, 2),
                _ => ((JsonElement?)null, 1),
            };
            return template.Find(at, passed, out problem);
        }

        if (template.Path is null) return template.Print(Data(template.Names), out problem) is { } text ? StepJson.Text(text) : null;
        problem = null;
        return StepJson.Object(Ended(template.Names).Select(step => (step.Name, step.Result.Json)));
    }

    private StepDatum? Find(string step)
    {
        for (var scope = this; scope is not null; scope = scope._before)
        {
            if (scope._name == step) return scope._result;
        }

        return null;
    }

    /// <summary>The steps that a template names, as far as they have ended, in their order.</summary>
    private List<(string Name, StepDatum Result)> Ended(TemplateNames names)
    {
        var ended = new List<(string, StepDatum)>();
        for (var scope = this; scope is not null; scope = scope._before)
        {
            if (scope._name is { } name && (names.AllSteps || names.Steps.Contains(name))) ended.Add((name, scope._result!));
        }

        ended.Reverse();
        return ended;
    }

    private Dictionary<string, object?> Data(TemplateNames names)
    {
        var data = new Dictionary<string, object?>();
        if (names.Roots.Contains(TemplateNames.OfInput)) data[TemplateNames.OfInput] = _input.ForTemplates;
        if (_item is not null) data[TemplateNames.OfItem] = _item.ForTemplates;
        if (names.Roots.Contains(TemplateNames.OfSteps)) data[TemplateNames.OfSteps] = Ended(names).ToDictionary(step => step.Name, step => step.Result.ForTemplates);
        return data;
    }

    /// <summary>For the template of a prompt: the fields of the input besides, as if it were no step.</summary>
    public byte[] PromptData(TemplateNames names) => StepJson.Write(json =>
    {
        json.WriteStartObject();
        if (_input.Json.ValueKind is JsonValueKind.Object)
        {
            foreach (var field in _input.Json.EnumerateObject().Where(field => !TemplateNames.Known.Contains(field.Name))) field.WriteTo(json);
        }

        WriteNamed(json, names);
        json.WriteEndObject();
    });

    private void WriteNamed(Utf8JsonWriter json, TemplateNames names)
    {
        if (names.Roots.Contains(TemplateNames.OfInput)) Write(json, TemplateNames.OfInput, _input);
        if (_item is not null && names.Roots.Contains(TemplateNames.OfItem)) Write(json, TemplateNames.OfItem, _item);
        if (!names.Roots.Contains(TemplateNames.OfSteps)) return;
        json.WriteStartObject(TemplateNames.OfSteps);
        foreach (var (name, result) in Ended(names)) Write(json, name, result);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, string name, StepDatum value)
    {
        json.WritePropertyName(name);
        value.Json.WriteTo(json);
    }
}

/// <summary>A value that templates may print, turned into what they read once at most: a list of thousands is gone over again for each of its items.</summary>
internal sealed class StepDatum(JsonElement json)
{
    private readonly Lazy<object?> _forTemplates = new(() => TemplateData.Of(json));

    public JsonElement Json => json;

    public object? ForTemplates => _forTemplates.Value;
}

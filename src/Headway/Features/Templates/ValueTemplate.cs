using System.Text.Json;
using System.Text.RegularExpressions;
using HandlebarsDotNet;

namespace Headway.Features.Templates;

/// <summary>A text of the feature file that stands for a value: a template as prompts are. One that is a single `{{path}}` is the value itself, not its text.</summary>
internal sealed partial class ValueTemplate
{
    private readonly string _text;
    private readonly HandlebarsTemplate<object, object>? _template;

    private ValueTemplate(string text, string? path, HandlebarsTemplate<object, object>? template)
    {
        (_text, Path, _template) = (text, path, template);
        Names = TemplateNames.Of(text);
    }

    /// <summary>The path that is the whole text: `steps.split.clauses`. Null: there is more to it.</summary>
    public string? Path { get; }

    public TemplateNames Names { get; }

    public static bool IsTemplate(string text) => text.Contains("{{", StringComparison.Ordinal);

    public static bool TryParse(string text, out ValueTemplate? template, out string? problem)
    {
        (template, problem) = (null, null);
        if (Whole().Match(text) is { Success: true } whole)
        {
            template = new ValueTemplate(text, whole.Groups["path"].Value, null);
            return true;
        }

        problem = PromptTemplate.TryCompile(text, out var compiled);
        if (compiled is null) return false;
        template = new ValueTemplate(text, null, compiled);
        return true;
    }

    /// <summary>The value; null with the problem in words when something that it prints is not there.</summary>
    public JsonElement? Render(JsonElement data, out string? problem)
    {
        problem = null;
        if (Path is not null) return Find(data, out problem);
        try
        {
            return JsonSerializer.SerializeToElement(_template!(TemplateData.Of(data)!));
        }
        catch (MissingValueException missing)
        {
            problem = $"{_text} prints '{missing.Name}', which is not there";
        }
        catch (HandlebarsException failure)
        {
            problem = $"{_text}: {failure.Message.ReplaceLineEndings(" ")}";
        }

        return null;
    }

    private JsonElement? Find(JsonElement data, out string? problem)
    {
        problem = null;
        var at = data;
        var passed = "";
        foreach (var part in Path!.Split('.').Select(part => part.Trim('[', ']')))
        {
            if (at.ValueKind is JsonValueKind.Object && at.TryGetProperty(part, out var member)) at = member;
            else if (at.ValueKind is JsonValueKind.Array && int.TryParse(part, out var number) && number >= 0 && number < at.GetArrayLength()) at = at[number];
            else
            {
                problem = $"{_text.Trim()} names '{part}', which is not {(passed.Length == 0 ? "there" : $"in {passed}: that is {Says(at)}")}";
                return null;
            }

            passed = passed.Length == 0 ? part : $"{passed}.{part}";
        }

        return at;
    }

    /// <summary>What kind of value it is; never what is in it.</summary>
    public static string Says(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => $"a list of {value.GetArrayLength()}",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "true or false",
        _ => "null",
    };

    [GeneratedRegex(@"^\s*\{\{\s*(?<path>[A-Za-z_][\w-]*(\.([\w-]+|\[[^\]\.]*\]))*)\s*\}\}\s*$")]
    private static partial Regex Whole();
}

using System.Globalization;
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
        (_text, Path, _template) = (text, path?.Split('.').Select(part => part.Trim('[', ']')).ToList(), template);
        Names = TemplateNames.Of(text);
    }

    /// <summary>The path that is the whole text, in its parts: `steps`, `split`, `clauses`. Null: there is more to it.</summary>
    public IReadOnlyList<string>? Path { get; }

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

    /// <summary>Of a template that is a path: the value at its end; null with the problem in words when it is not there.</summary>
    /// <param name="at">The value at which the parts before <paramref name="from"/> have arrived; null: these lead nowhere.</param>
    public JsonElement? Find(JsonElement? at, int from, out string? problem)
    {
        problem = null;
        for (var i = from; i < Path!.Count && at is { } value; i++)
        {
            at = Member(value, Path[i]);
            if (at is null) problem = $"{_text.Trim()} names '{Path[i]}', which is not in {string.Join('.', Path.Take(i))}: that is {Says(value)}";
        }

        if (at is null) problem ??= $"{_text.Trim()} names '{Path[from - 1]}', which is not there";
        return at;
    }

    /// <summary>Of any other: its text; null with the problem in words when something that it prints is not there.</summary>
    /// <param name="data">As <see cref="TemplateData"/> makes it.</param>
    public string? Print(object data, out string? problem)
    {
        problem = null;
        try
        {
            return _template!(data);
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

    private static JsonElement? Member(JsonElement value, string name) => value.ValueKind switch
    {
        JsonValueKind.Object when value.TryGetProperty(name, out var member) => member,
        JsonValueKind.Array when int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number < value.GetArrayLength() => value[number],
        _ => null,
    };

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

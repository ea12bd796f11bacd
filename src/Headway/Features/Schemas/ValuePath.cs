using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Headway.Features.Schemas;

/// <summary>Where values stand in a JSON value: `$.findings[*].quote`. Names and "each", of RFC 9535; `.*` is `[*]`, so that a path can stand unquoted in braces.</summary>
internal sealed partial class ValuePath
{
    /// <summary>A path of more steps is deeper than a value may be.</summary>
    private const int MostSteps = ValueSchema.MaxDepth;

    public const string Pattern = @"^\$(\.\*|\[\*\]|\.[^\s.\[\]*]+)*$";

    [GeneratedRegex(Pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Written { get; }

    [GeneratedRegex(@"\.\*|\[\*\]|\.(?<name>[^\s.\[\]*]+)", RegexOptions.CultureInvariant | RegexOptions.NonBacktracking)]
    private static partial Regex Step { get; }

    private ValuePath(IReadOnlyList<string?> steps) => Steps = steps;

    /// <summary>The name of a member, or null for each item of a list.</summary>
    public IReadOnlyList<string?> Steps { get; }

    public static bool TryParse(string text, [MaybeNullWhen(false)] out ValuePath path)
    {
        path = null;
        if (!Written.IsMatch(text))
            return false;
        var steps = Step.Matches(text).Select(step => step.Groups["name"] is { Success: true, Value: var name } ? name : null).ToArray();
        if (steps.Length > MostSteps)
            return false;
        path = new ValuePath(steps);
        return true;
    }

    public override string ToString() => Text(Steps);

    public static string Text(IEnumerable<string?> steps) => "$" + string.Concat(steps.Select(step => step is null ? "[*]" : "." + step));

    /// <summary>Every place of a value that the path leads to. Where it ends before its last step the place is there without a value.</summary>
    /// <remarks>A list that is gone through for something of each of its items may be empty; one whose items are sought themselves may not.</remarks>
    public IEnumerable<FoundValue> In(JsonElement value) => In(value, "$", 0);

    private IEnumerable<FoundValue> In(JsonElement value, string at, int step)
    {
        if (step == Steps.Count)
            return [new FoundValue(at, value)];
        if (Steps[step] is { } name)
            return value.ValueKind is JsonValueKind.Object && value.TryGetProperty(name, out var member) ? In(member, $"{at}.{name}", step + 1) : [new FoundValue($"{at}.{name}", null)];
        if (value.ValueKind is not JsonValueKind.Array || (value.GetArrayLength() == 0 && step == Steps.Count - 1))
            return [new FoundValue($"{at}[*]", null)];
        return value.EnumerateArray().SelectMany((item, i) => In(item, string.Create(CultureInfo.InvariantCulture, $"{at}[{i}]"), step + 1));
    }
}

/// <param name="At">The place: `$.findings[2].quote`.</param>
/// <param name="Value">Null: nothing is there.</param>
internal readonly record struct FoundValue(string At, JsonElement? Value);

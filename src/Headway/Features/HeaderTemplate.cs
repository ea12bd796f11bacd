using System.Text.RegularExpressions;

namespace Headway.Features;

/// <summary>What may stand in a declared header beside its text: `${NAME}` of the environment, and `{{label}}` of the call it goes along with.</summary>
internal static partial class HeaderTemplate
{
    /// <summary>What a call can be labelled with.</summary>
    public static readonly IReadOnlyList<string> Labels = ["tenant", "feature", "job", "model"];

    [GeneratedRegex(@"\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(:-(?<default>[^}]*))?\}")]
    private static partial Regex Variable { get; }

    [GeneratedRegex(@"\{\{\s*(?<name>.*?)\s*\}\}")]
    private static partial Regex Label { get; }

    /// <summary>
    /// Fills `${NAME}` and `${NAME:-default}` when a call is made, so that a definition that is stored never holds a secret.
    /// The answer is the name of the first variable that is neither set nor has a default, or null.
    /// </summary>
    public static string? Fill(string template, Func<string, string?> environment, out string filled)
    {
        string? missing = null;
        filled = Variable.Replace(template, match =>
        {
            var name = match.Groups["name"].Value;
            if (environment(name) is { } value) return value;
            if (match.Groups["default"] is { Success: true, Value: var fallback }) return fallback;
            missing ??= name;
            return "";
        });
        return missing;
    }

    /// <summary>Fills `{{label}}`. What a caller named is encoded, so that it cannot end the header and begin another; braces around anything else stay.</summary>
    public static string Fill(string template, Func<string, string?> label) => !template.Contains("{{", StringComparison.Ordinal) ? template
        : Label.Replace(template, match => Labels.Contains(match.Groups["name"].Value) ? HeaderText.Encode(label(match.Groups["name"].Value) ?? "") : match.Value);

    /// <summary>The labels of a template that no call has.</summary>
    public static IEnumerable<string> Unknown(string template) => Label.Matches(template).Select(match => match.Groups["name"].Value).Where(name => !Labels.Contains(name));
}

using System.Text.RegularExpressions;

namespace Headway.Handlers.Http;

/// <summary>Fills `${NAME}` and `${NAME:-default}` when a call is made, so that a definition that is stored never holds a secret.</summary>
internal static partial class HeaderTemplate
{
    [GeneratedRegex(@"\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(:-(?<default>[^}]*))?\}")]
    private static partial Regex Variable { get; }

    /// <summary>The answer is the name of the first variable that is neither set nor has a default, or null.</summary>
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
}

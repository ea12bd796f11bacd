using System.Text;
using System.Text.RegularExpressions;

namespace Headway.Features.Yaml;

/// <summary>Puts the environment into scalars: `${NAME}` and `${NAME:-default}`. What comes from the environment is never parsed as YAML.</summary>
internal sealed partial class Variables(Func<string, string?> environment, List<Finding> findings)
{
    public Node Substitute(Node scalar)
    {
        if (!scalar.Raw.Contains("${", StringComparison.Ordinal))
            return scalar;

        var text = new StringBuilder();
        var broken = false;
        var end = 0;
        for (var start = scalar.Raw.IndexOf("${", StringComparison.Ordinal); start >= 0; start = scalar.Raw.IndexOf("${", end, StringComparison.Ordinal))
        {
            var match = Variable().Match(scalar.Raw, start);
            if (!match.Success || match.Index != start)
            {
                findings.Add(Finding.Error("variable-malformed",
                    $"'{scalar.Raw[start..]}' is not a variable; write ${{NAME}} or ${{NAME:-default}}.", scalar.Place));
                return scalar with { IsBroken = true };
            }

            text.Append(scalar.Raw, end, start - end);
            end = start + match.Length;
            broken |= !Append(text, match, scalar.Place);
        }

        text.Append(scalar.Raw, end, scalar.Raw.Length - end);
        return scalar with { Text = text.ToString(), IsSubstituted = true, IsBroken = broken };
    }

    // Set but empty counts as missing: an empty secret in a build is a mistake that should be named here, not by a provider's 401.
    private bool Append(StringBuilder text, Match match, Place place)
    {
        var name = match.Groups["name"].Value;
        var value = environment(name);
        if (!string.IsNullOrEmpty(value))
        {
            text.Append(value);
            return true;
        }

        if (match.Groups["default"].Success)
        {
            text.Append(match.Groups["default"].Value);
            return true;
        }

        findings.Add(Finding.Error("variable-missing",
            $"the environment variable {name} is not set or empty; set it, or give a default: ${{{name}:-…}}.", place));
        return false;
    }

    [GeneratedRegex(@"\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(:-(?<default>[^}]*))?\}", RegexOptions.CultureInvariant)]
    private static partial Regex Variable();
}

using System.Runtime.CompilerServices;
using System.Text;
using Headway.AspNetCore.Errors;
using Headway.Features;
using Headway.Features.Schemas;

namespace Headway.AspNetCore.Features;

/// <summary>Holds inputs against the schemas that features declare for them.</summary>
internal static class InputSchemas
{
    // A schema is read once for as long as its version is served; a reload makes new versions and lets the old ones go.
    private static readonly ConditionalWeakTable<FeatureVersion, ValueSchema> Parsed = [];

    public static Problem? Judge(FeatureVersion version, ReadOnlyMemory<byte> json)
    {
        if (version.InputSchema is null) return null;
        var schema = Parsed.GetValue(version, static version => ValueSchema.Parse(version.InputSchema!));
        var violations = schema.Validate(json);
        if (violations.Count == 0) return null;
        return new Problem(ProblemKind.InputInvalid, $"The input of {version.FullName} breaks {(violations.Count == 1 ? "a rule" : $"{violations.Count} rules")} of its schema: {violations[0]}.")
        {
            Errors = [.. violations.Select(violation => new InputError(Pointer(violation.Path), $"{violation.Rule}, found {violation.Found}"))],
        };
    }

    /// <summary>`$.items[2].name` as a JSON pointer (RFC 6901): `/items/2/name`.</summary>
    public static string Pointer(string path)
    {
        var pointer = new StringBuilder();
        var rest = path.AsSpan().TrimStart('$');
        while (rest.Length > 0)
        {
            var quoted = rest.StartsWith("['");
            var start = quoted ? 2 : 1;
            var length = quoted ? rest[start..].IndexOf("']") : rest[start..].IndexOfAny('.', '[', ']');
            var token = length < 0 ? rest[start..] : rest.Slice(start, length);
            pointer.Append('/').Append(token.ToString().Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal));
            rest = rest[Math.Min(rest.Length, start + token.Length)..];
            rest = quoted ? rest[Math.Min(rest.Length, 2)..] : rest.TrimStart(']');
        }

        return pointer.ToString();
    }
}

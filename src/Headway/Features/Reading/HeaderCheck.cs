using Headway.Features.Yaml;

namespace Headway.Features.Reading;

/// <summary>What declared headers must not hold.</summary>
internal static class HeaderCheck
{
    private static readonly HashSet<string> Secret = new(StringComparer.OrdinalIgnoreCase) { "authorization", "proxy-authorization", "cookie", "x-api-key", "api-key" };

    /// <summary>A secret belongs into the environment: a file is reviewed, copied and kept.</summary>
    public static void Secrets(Section section, List<Finding> findings, string? feature)
    {
        foreach (var (name, value) in section.Entries("headers"))
        {
            if (Secret.Contains(name.Text) && value is { Kind: NodeKind.Scalar, IsSubstituted: false, IsBroken: false })
                findings.Add(Finding.Error("secret-literal", $"the header {name.Text} holds a secret in the file; put it into the environment and write \"${{NAME}}\".", value.Place, feature));
        }
    }

    /// <param name="owner">Whose headers they are: `models.fast`.</param>
    public static void Controls(string owner, Section section, List<Finding> findings)
    {
        foreach (var (header, value) in section.Entries("headers").Where(entry => entry.Value is { Kind: NodeKind.Scalar, IsBroken: false }))
        {
            if (value.Text.Trim().AsSpan().ContainsAnyInRange('\0', '\x1f'))
                findings.Add(Finding.Error("value-invalid", $"{owner}.headers.{header.Text} has a line break or another control character, which no header can hold.", value.Place));
        }
    }
}

using System.Text.RegularExpressions;

namespace Headway.Features.Templates;

/// <summary>What a template names of its data, as far as that can be told from its text.</summary>
/// <param name="Roots">The first words of its paths.</param>
/// <param name="Steps">Of `steps.NAME`: the names.</param>
/// <param name="AllSteps">It names `steps` as a whole.</param>
/// <param name="HasBlocks">It goes into lists or objects, so that a path may begin there.</param>
internal sealed partial record TemplateNames(IReadOnlySet<string> Roots, IReadOnlySet<string> Steps, bool AllSteps, bool HasBlocks)
{
    public const string OfSteps = "steps";
    public const string OfInput = "input";
    public const string OfItem = "item";

    /// <summary>What the data of a step consists of.</summary>
    public static readonly IReadOnlyList<string> Known = [OfInput, OfSteps, OfItem];

    // Words of the language, not of the data.
    private static readonly HashSet<string> Words = ["if", "unless", "each", "with", "else", "as", "this", "lookup", "log", "null", "undefined", "true", "false"];

    public static TemplateNames Of(string text)
    {
        var (roots, steps) = (new HashSet<string>(StringComparer.Ordinal), new HashSet<string>(StringComparer.Ordinal));
        var (all, blocks) = (false, false);
        foreach (Match tag in Tag().Matches(text))
        {
            var body = Literal().Replace(tag.Groups["body"].Value, " ");
            blocks |= Block().IsMatch(body);
            foreach (Match path in Path().Matches(body))
            {
                var parts = path.Groups["path"].Value.Split('.');
                if (Words.Contains(parts[0])) continue;
                roots.Add(parts[0]);
                if (parts[0] != OfSteps) continue;
                if (parts.Length > 1) steps.Add(parts[1].Trim('[', ']'));
                else all = true;
            }
        }

        return new TemplateNames(roots, steps, all, blocks);
    }

    // A tag ends before another begins, so that one without an end is not looked through again and again. Comments begin with an exclamation mark, ends of blocks with a slash.
    [GeneratedRegex(@"\{\{\{?~?(?![!/])(?<body>((?!\{\{).)*?)~?\}?\}\}", RegexOptions.Singleline)]
    private static partial Regex Tag();

    [GeneratedRegex("\"[^\"]*\"|'[^']*'")]
    private static partial Regex Literal();

    [GeneratedRegex(@"^\s*[#^]\s*(each|with)\b")]
    private static partial Regex Block();

    [GeneratedRegex(@"(?<![\w.\-/\]@])(@root\.|this\.|\./|\.\./)*(?<path>(?>[A-Za-z_][\w-]*(\.([\w-]+|\[[^\]]*\]))*))(?!\s*=)")]
    private static partial Regex Path();
}

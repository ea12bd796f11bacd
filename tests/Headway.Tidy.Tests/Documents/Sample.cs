using System.Text.RegularExpressions;

namespace Headway.Tidy.Tests.Documents;

/// <summary>A block of code in a document, and what the comment before it says to do with it: `compiled`, `file: NAME`, or `runnable: TEST`.</summary>
internal sealed partial record Sample(TextFile Document, int Line, string Language, string? Mark, string Text)
{
    [GeneratedRegex("<!-- (?<mark>[^>]+) -->\\s*$")]
    private static partial Regex Comment { get; }

    public static IEnumerable<Sample> In(TextFile document)
    {
        string? before = null;
        for (var line = 0; line < document.Lines.Length; line++)
        {
            if (!document.Lines[line].StartsWith("```", StringComparison.Ordinal))
            {
                before = document.Lines[line].Length > 0 ? document.Lines[line] : before;
                continue;
            }

            var (start, language) = (line + 1, document.Lines[line][3..].Trim());
            while (++line < document.Lines.Length && document.Lines[line] != "```")
            {
            }
            var mark = Comment.Match(before ?? "") is { Success: true } comment ? comment.Groups["mark"].Value : null;
            yield return new Sample(document, start, language, mark, string.Join('\n', document.Lines[start..Math.Min(line, document.Lines.Length)]));
            before = null;
        }
    }

    public static IEnumerable<Sample> InAllDocuments() => Repository.Files.Where(file => file.Extension == ".md").SelectMany(In);
}

public sealed class SampleTests
{
    [Fact]
    public void A_sample_is_found_with_its_language_and_its_mark()
    {
        var samples = Sample.In(new TextFile("README.md", "Text\n\n<!-- compiled -->\n```csharp\nvar one = 1;\nvar two = 2;\n```\n\n```bash\nls\n```\n")).ToArray();

        samples.Select(sample => (sample.Line, sample.Language, sample.Mark)).ShouldBe([(4, "csharp", "compiled"), (9, "bash", null)]);
        samples[0].Text.ShouldBe("var one = 1;\nvar two = 2;");
    }

    /// <summary>What is neither compiled nor checked must say nothing that can rot: diagrams and commands.</summary>
    [Fact]
    public void Every_sample_of_code_says_how_it_is_tested() =>
        Sample.InAllDocuments().Where(sample => sample.Language is "csharp" or "yaml" or "handlebars" && sample.Mark is null)
            .Select(sample => sample.Document.Finding(sample.Line, $"this {sample.Language} is tested by nothing: put <!-- compiled --> or <!-- file: NAME --> before it."))
            .ShouldBeNone();
}

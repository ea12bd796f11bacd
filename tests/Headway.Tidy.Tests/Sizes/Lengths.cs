using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Headway.Tidy.Tests.Sizes;

/// <summary>A method fits a screen. A file is read in one go, or its first comment says why it is long.</summary>
internal static class Lengths
{
    public const int Method = 70;
    public const int File = 400;

    private const string Reason = "Long because";
    private static readonly string[] Written = [".cs", ".sql", ".sh", ".ts", ".tsx", ".mjs", ""];

    public static IEnumerable<Finding> Check(TextFile file)
    {
        if (!Written.Contains(file.Extension) || file.FileName == "LICENSE") yield break;
        var lines = file.Text.EndsWith('\n') ? file.Lines.Length - 1 : file.Lines.Length;
        if (lines > File && !file.Lines[0].Contains(Reason, StringComparison.Ordinal))
            yield return file.Finding(1, $"{lines} lines; over {File} the first line is a comment that begins with \"{Reason}\" and says why.");
        if (file.Extension != ".cs") yield break;

        foreach (var member in file.Syntax.DescendantNodes().Where(node => node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax))
        {
            if (LinesOf(member) > Method) yield return file.Finding(member, $"{LinesOf(member)} lines; a method has at most {Method}.");
        }

        var statements = file.Syntax.ChildNodes().OfType<GlobalStatementSyntax>().Sum(LinesOf);
        if (statements > Method) yield return file.Finding(1, $"{statements} lines of top-level statements; at most {Method}.");
    }

    private static int LinesOf(SyntaxNode node)
    {
        var span = node.GetLocation().GetLineSpan();
        return span.EndLinePosition.Line - span.StartLinePosition.Line + 1;
    }
}

public sealed class LengthsTests
{
    [Fact]
    public void Methods_and_files_are_short() => Repository.Files.SelectMany(Lengths.Check).ShouldBeNone();

    [Fact]
    public void A_long_method_is_found()
    {
        Check($"class A {{ void B()\n{{\n{Statements(Lengths.Method - 3)}}}\n}}").ShouldBeEmpty();
        Check($"class A {{ void B()\n{{\n{Statements(Lengths.Method - 2)}}}\n}}").ShouldHaveSingleItem();
        Check(Statements(Lengths.Method + 1)).ShouldHaveSingleItem();
    }

    [Fact]
    public void A_long_file_is_found_unless_it_says_why()
    {
        Check(Lines(Lengths.File)).ShouldBeEmpty();
        Check(Lines(Lengths.File + 1)).ShouldHaveSingleItem();
        Check("// Long because a wire format is one thing.\n" + Lines(Lengths.File)).ShouldBeEmpty();
    }

    private static Finding[] Check(string code) => [.. Lengths.Check(new TextFile("src/Headway/Jobs/Sample.cs", code))];

    private static string Statements(int count) => string.Concat(Enumerable.Repeat("i++;\n", count));

    private static string Lines(int count) => string.Concat(Enumerable.Repeat("//\n", count));
}

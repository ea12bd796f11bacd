using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Headway.Tidy.Tests;

/// <summary>A file as the rules see it: its path from the root of the repository with forward slashes, and its text.</summary>
internal sealed class TextFile(string path, string text)
{
    private readonly Lazy<SyntaxNode> _syntax =
        new(() => CSharpSyntaxTree.ParseText(text, CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Preview)).GetRoot());

    public string Path => path;
    public string Text => text;
    public string[] Lines { get; } = text.Split('\n');
    public string Extension => System.IO.Path.GetExtension(path);
    public string FileName => System.IO.Path.GetFileName(path);
    public SyntaxNode Syntax => _syntax.Value;

    public Finding Finding(int line, string what) => new(path, line, what);

    public Finding Finding(SyntaxNode at, string what) => new(path, LineOf(at), what);

    public static int LineOf(SyntaxNode node) => node.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
}

/// <summary>One breach of a rule: where, and what to do about it.</summary>
internal sealed record Finding(string Path, int Line, string What)
{
    public override string ToString() => $"{Path}:{Line}: {What}";
}

internal static class FindingAssertions
{
    public static void ShouldBeNone(this IEnumerable<Finding> findings)
    {
        var lines = findings.Select(finding => finding.ToString()).Distinct().Order(StringComparer.Ordinal).ToArray();
        if (lines.Length > 0) Assert.Fail(string.Join(Environment.NewLine, lines));
    }
}

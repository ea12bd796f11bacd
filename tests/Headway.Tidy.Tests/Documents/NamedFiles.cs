using System.IO.Enumeration;
using System.Text.RegularExpressions;

namespace Headway.Tidy.Tests.Documents;

/// <summary>A document names only files that exist: in its links, and in backticks where the text looks like a path of this repository.</summary>
internal static partial class NamedFiles
{
    private static readonly string[] TopFolders = ["src/", "tests/", "docs/", "samples/", "bench/", "console/", "clients/", "deploy/", ".ci/"];

    [GeneratedRegex(@"\]\((?<path>[^)\s#:]+)(#[^)]*)?\)")]
    private static partial Regex Link { get; }

    [GeneratedRegex("`(?<path>[^`\\s]+)`")]
    private static partial Regex Quoted { get; }

    [GeneratedRegex(@"^[A-Za-z][\w-]*\.(md|props|slnx|txt|json)$")]
    private static partial Regex TopFile { get; }

    public static IEnumerable<Finding> Check(TextFile document, Func<string, bool> exists)
    {
        var folder = Path.GetDirectoryName(document.Path)!.Replace('\\', '/');
        var inCode = false;
        for (var line = 0; line < document.Lines.Length; line++)
        {
            var text = document.Lines[line];
            if (text.StartsWith("```", StringComparison.Ordinal)) inCode = !inCode;
            if (inCode) continue;

            var links = Link.Matches(text).Select(match => Resolve(folder, match.Groups["path"].Value));
            var quoted = Quoted.Matches(text).Select(match => match.Groups["path"].Value.TrimEnd('.', ',')).Where(LooksLikeAPath);
            foreach (var path in links.Concat(quoted).Where(path => !exists(path))) yield return document.Finding(line + 1, $"names a file that does not exist: {path}");
        }
    }

    /// <summary>A star stands for anything within one path.</summary>
    public static bool ExistsHere(string path) =>
        path.Contains('*', StringComparison.Ordinal) ? Repository.Files.Any(file => FileSystemName.MatchesSimpleExpression(path, file.Path, ignoreCase: false)) : Repository.Exists(path);

    private static bool LooksLikeAPath(string text) =>
        !text.Contains('{', StringComparison.Ordinal) && !text.Contains("NNNN", StringComparison.Ordinal)
        && (TopFolders.Any(top => text.StartsWith(top, StringComparison.Ordinal)) || (TopFile.IsMatch(text) && !text.StartsWith("package", StringComparison.Ordinal)));

    private static string Resolve(string folder, string path) =>
        Path.GetRelativePath("/top", Path.GetFullPath(path, "/top/" + folder)).Replace('\\', '/');
}

public sealed class NamedFilesTests
{
    [Fact]
    public void Documents_name_only_files_that_exist() =>
        Repository.Files.Where(file => file.Extension == ".md").SelectMany(document => NamedFiles.Check(document, NamedFiles.ExistsHere)).ShouldBeNone();

    [Theory]
    [InlineData("docs/guide.md", "see [the glossary](gone.md)")]
    [InlineData("docs/guide.md", "see [the glossary](../gone.md#words)")]
    [InlineData("README.md", "the engine is in `src/Gone/`")]
    [InlineData("README.md", "read `GONE.md`")]
    public void A_file_that_does_not_exist_is_found(string path, string text) => NamedFiles.Check(new TextFile(path, text), _ => false).ShouldHaveSingleItem();

    [Theory]
    [InlineData("see [SSE](https://html.spec.whatwg.org/#sse), `application/json` and `GET /v1/jobs`")]
    [InlineData("```\nsrc/gone/\n[x](gone.md)\n```")]
    public void Addresses_media_types_and_samples_are_not_files(string text) => NamedFiles.Check(new TextFile("docs/guide.md", text), _ => false).ShouldBeEmpty();

    [Fact]
    public void A_link_is_resolved_from_the_folder_of_its_document()
    {
        NamedFiles.Check(new TextFile("docs/decisions/a.md", "[g](../glossary.md)"), path => path == "docs/glossary.md").ShouldBeEmpty();
        NamedFiles.ExistsHere("tests/*.cs").ShouldBeTrue();
        NamedFiles.ExistsHere("gone/*.cs").ShouldBeFalse();
    }
}

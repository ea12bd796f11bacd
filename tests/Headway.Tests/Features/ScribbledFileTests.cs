using FsCheck;
using FsCheck.Fluent;
using Headway.Features;
using Headway.Tests.Advice;

namespace Headway.Tests.Features;

/// <summary>The example of the documentation, scribbled over: whatever stands in a file, reading it ends in a file or in findings with places.</summary>
public sealed class ScribbledFileTests : IDisposable
{
    private static readonly string Example = File.ReadAllText(Repository.PathOf("docs/examples/headway.yaml"));
    private static readonly string[] Scraps = ["{", "}", "[", "]", ":", ": ", "- ", "\n", "\n  ", "\t", "\"", "'", "#", "&a ", "*a", "!!x ", "|\n", "${", "${X}", "~", "0", "-1", "é", "\0", "---\n", "? ", "<<: ", "%"];

    private static readonly Gen<string> Scribbled =
        from edits in (from at in Gen.Choose(0, Example.Length - 1) from cut in Gen.Choose(0, 12) from scrap in Gen.Elements(Scraps) select (at, cut, scrap)).ListOf(4)
        select edits.Aggregate(Example, (text, edit) => text[..Math.Min(edit.at, text.Length)] + edit.scrap + text[Math.Min(edit.at + edit.cut, text.Length)..]);

    private readonly FileFolder _folder = new();

    public ScribbledFileTests()
    {
        foreach (var file in Directory.EnumerateFiles(Repository.PathOf("docs/examples"), "*", SearchOption.AllDirectories))
            _folder.With(Path.GetRelativePath(Repository.PathOf("docs/examples"), file), File.ReadAllText(file));
        foreach (var (name, value) in ExampleFileTests.Environment)
            _folder.Environment[name] = value;
    }

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Reading_ends_in_a_file_or_in_findings_with_places() => Property.Holds(Prop.ForAll(Scribbled.ToArbitrary(), text =>
    {
        var reading = _folder.Read(text);

        if (reading.File is null)
            reading.Findings.ShouldContain(finding => finding.Severity == Severity.Error);
        var lines = text.Split('\n').Length;
        reading.Findings.ShouldAllBe(finding => finding.Line >= 1 && finding.Line <= lines && finding.Column >= 1 && finding.Message.Length > 0);
        Headway.Advice.Check.Run(_folder.File, _folder.Environment.GetValueOrDefault).Findings.Count.ShouldBeGreaterThanOrEqualTo(reading.Findings.Count);
    }), cases: 200);
}

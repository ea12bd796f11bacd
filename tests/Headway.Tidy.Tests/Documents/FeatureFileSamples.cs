namespace Headway.Tidy.Tests.Documents;

/// <summary>A feature file shown in a document passes the check that users are told to run, together with the files shown beside it.</summary>
internal static class FeatureFileSamples
{
    private const string Mark = "file: ";

    public static IEnumerable<Finding> Check(TextFile document)
    {
        var files = Sample.In(document).Where(sample => sample.Mark?.StartsWith(Mark, StringComparison.Ordinal) == true).ToArray();
        var folder = Directory.CreateTempSubdirectory("headway-tidy-");
        try
        {
            foreach (var sample in files) Write(folder.FullName, sample);
            return [.. files.Where(sample => sample.Language == "yaml").SelectMany(sample => CheckOne(folder.FullName, sample))];
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Write(string folder, Sample sample)
    {
        var path = Path.Combine(folder, sample.Mark![Mark.Length..]);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, sample.Text);
    }

    private static IEnumerable<Finding> CheckOne(string folder, Sample sample)
    {
        var report = Advice.Check.Run(Path.Combine(folder, sample.Mark![Mark.Length..]), _ => null);
        var findings = report.Findings.Where(found => found.Severity is not Features.Severity.Note).Select(found => sample.Document.Finding(sample.Line + found.Line, $"{found.Code}: {found.Message}"));
        var verdicts = report.Features.Where(feature => feature.Verdict.FailsCheck).Select(feature => sample.Document.Finding(sample.Line, $"{feature.Name} breaks: {feature.Verdict.Why}"));
        return findings.Concat(verdicts);
    }
}

public sealed class FeatureFileSamplesTests
{
    [Fact]
    public void Feature_files_in_documents_pass_their_own_check() => Repository.Files.Where(file => file.Extension == ".md").SelectMany(FeatureFileSamples.Check).ShouldBeNone();

    [Theory]
    [InlineData("features: { a: { contract: { mod: sync } } }")]
    [InlineData("features: { a: { contract: { mode: sync, caller: leaves }, handler: code, fallback: none, timeout: 1s } }")]
    public void A_feature_file_with_a_mistake_is_found(string yaml) =>
        FeatureFileSamples.Check(new TextFile("README.md", $"<!-- file: headway.yaml -->\n```yaml\n{yaml}\n```\n")).ShouldNotBeEmpty();
}

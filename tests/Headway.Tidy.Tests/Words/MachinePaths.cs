using System.Text.RegularExpressions;

namespace Headway.Tidy.Tests.Words;

/// <summary>The repository holds on any machine: no path of somebody's home, no address of somebody's package source.</summary>
internal static partial class MachinePaths
{
    [GeneratedRegex(@"(?<![\w.])/(home|Users|root|work)/\w+|\b[A-Z]:\\\w+|\bhttps?://[^\s""'<>]*(/v3/index\.json|/nuget/|registry|pypi|artifactory)[^\s""'<>]*", RegexOptions.None)]
    private static partial Regex Machine { get; }

    public static IEnumerable<Finding> Check(TextFile file)
    {
        if (file.FileName is "NuGet.config" or "nuget.config" or ".npmrc") yield return file.Finding(1, "package sources belong to the machine, not to the repository.");
        for (var line = 0; line < file.Lines.Length; line++)
        {
            if (Machine.Match(file.Lines[line]) is { Success: true } match) yield return file.Finding(line + 1, $"holds on one machine only: {match.Value}");
        }
    }
}

public sealed class MachinePathsTests
{
    [Fact]
    public void Nothing_names_a_machine() => Repository.Files.Where(file => !file.Path.EndsWith("Words/MachinePaths.cs", StringComparison.Ordinal)).SelectMany(MachinePaths.Check).ShouldBeNone();

    [Theory]
    [InlineData("docs/a.md", "see /home/ada/headway")]
    [InlineData("docs/a.md", @"see C:\Headway")]
    [InlineData("Directory.Build.props", "<add value=\"https://packages.example.com/v3/index.json\" />")]
    [InlineData("nuget.config", "")]
    public void A_machine_is_found(string path, string text) => MachinePaths.Check(new TextFile(path, text)).ShouldHaveSingleItem();
}

using System.Text.RegularExpressions;

namespace Headway.Tests.Models;

public sealed partial class FaultCodesTests
{
    [Fact]
    public void The_guide_lists_every_code_that_a_model_can_fail_with()
    {
        var codes = Codes().Matches(File.ReadAllText(Path.Combine(Repository.Root, "src/Headway/Models/Faults.cs"))).Select(match => match.Groups[1].Value).Distinct().ToArray();
        var guide = File.ReadAllText(Path.Combine(Repository.Root, "docs/guides/prompts-and-models.md"));

        codes.Length.ShouldBeGreaterThan(20);
        codes.Where(code => !guide.Contains($"`{code}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [GeneratedRegex("\"((?:model|data)-[a-z-]+)\"")]
    private static partial Regex Codes();
}

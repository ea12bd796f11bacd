using System.Runtime.CompilerServices;
using Headway.AspNetCore.Errors;

namespace Headway.AspNetCore.Tests.Errors;

public sealed class ProblemKindTests
{
    [Fact]
    public void The_guide_lists_every_code_and_no_other()
    {
        var listed = File.ReadLines(Guide()).Where(line => line.StartsWith("| `", StringComparison.Ordinal) && line.Count(c => c == '|') == 4);

        listed.ShouldBe(ProblemKind.All.Values.OrderBy(kind => kind.Status).ThenBy(kind => kind.Code, StringComparer.Ordinal).Select(kind => $"| `{kind.Code}` | {kind.Status} | {kind.Title} |"));
    }

    [Fact]
    public void Every_kind_that_is_declared_is_explained()
        => typeof(ProblemKind).GetFields().Where(field => field.FieldType == typeof(ProblemKind)).Select(field => ((ProblemKind)field.GetValue(null)!).Code).ShouldBe(ProblemKind.All.Keys, ignoreOrder: true);

    private static string Guide([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "..", "..", "..", "docs", "guides", "http-api.md");
}

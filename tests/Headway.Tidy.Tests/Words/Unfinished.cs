using System.Text.RegularExpressions;

namespace Headway.Tidy.Tests.Words;

/// <summary>Nothing in the repository is a promise to do it later.</summary>
internal static partial class Unfinished
{
    // Written in pieces, so that the rule does not find itself.
    [GeneratedRegex(@"\b(TO" + @"DO|FIX" + @"ME|HA" + @"CK|XX" + @"X)\b|NotImplemented" + @"Exception|\bfor n" + @"ow\b|\bin this simpl" + @"ified\b")]
    private static partial Regex Marks { get; }

    private const string Unsupported = "new NotSupported" + "Exception()";

    public static IEnumerable<Finding> Check(TextFile file)
    {
        if (file.FileName == "LICENSE") yield break;
        // A stream that cannot seek has no other way to say so; anywhere else it stands where code should.
        var isStream = file.Text.Contains(": Stream\n", StringComparison.Ordinal);
        for (var line = 0; line < file.Lines.Length; line++)
        {
            if (Marks.Match(file.Lines[line]) is { Success: true } mark) yield return file.Finding(line + 1, $"unfinished: {mark.Value}");
            if (!isStream && file.Lines[line].Contains(Unsupported, StringComparison.Ordinal)) yield return file.Finding(line + 1, $"unfinished: {Unsupported}");
        }
    }
}

public sealed class UnfinishedTests
{
    [Fact]
    public void Nothing_is_left_for_later() => Repository.Files.SelectMany(Unfinished.Check).ShouldBeNone();

    [Theory]
    [InlineData("// TO" + "DO: later")]
    [InlineData("throw new NotImplemented" + "Exception();")]
    [InlineData("void Seek() => throw new NotSupported" + "Exception();")]
    [InlineData("// good enough for n" + "ow")]
    public void A_promise_is_found(string text) => Unfinished.Check(new TextFile("src/Headway/Sample.cs", text)).ShouldHaveSingleItem();
}

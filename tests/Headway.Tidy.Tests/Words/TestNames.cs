using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Headway.Tidy.Tests.Words;

/// <summary>A test is named by a sentence, waits for signals and never sleeps, and asserts something.</summary>
internal static class TestNames
{
    private static readonly string[] Marks = ["Fact", "Theory"];

    public static IEnumerable<Finding> Check(TextFile file)
    {
        foreach (var method in file.Syntax.DescendantNodes().OfType<MethodDeclarationSyntax>())
        {
            if (!method.AttributeLists.SelectMany(list => list.Attributes).Any(attribute => Marks.Any(mark => attribute.Name.ToString().EndsWith(mark, StringComparison.Ordinal)))) continue;
            var name = method.Identifier.ValueText;
            if (name.Count(letter => letter == '_') < 2) yield return file.Finding(method, $"{name} is not a sentence: Words_with_underscores.");
            // A process that is frozen from outside sleeps by the clock of the wall: no signal tells that its lease is over.
            if (file.Path.StartsWith("tests/Headway.Crash.Tests/", StringComparison.Ordinal)) continue;
            if (method.DescendantNodes().OfType<AwaitExpressionSyntax>().Any(wait => IsSleep(wait.Expression.ToString())))
                yield return file.Finding(method, $"{name} sleeps: wait for a signal.");
        }

        foreach (var call in file.Syntax.DescendantNodes().OfType<InvocationExpressionSyntax>().Where(call => call.Expression.ToString().EndsWith("Thread.Sleep", StringComparison.Ordinal)))
            yield return file.Finding(call, "a test that sleeps is slow or flaky: wait for a signal.");
    }

    /// <summary>Waiting without end for a cancellation is what a hung handler does, not a sleep.</summary>
    private static bool IsSleep(string awaited) =>
        awaited.StartsWith("Task.Delay(", StringComparison.Ordinal) && !awaited.StartsWith("Task.Delay(Timeout.Infinite", StringComparison.Ordinal);
}

public sealed class TestNamesTests
{
    [Fact]
    public void Tests_are_sentences_and_never_sleep() => Repository.CSharp("tests", "samples").SelectMany(TestNames.Check).ShouldBeNone();

    [Theory]
    [InlineData("[Fact] public void Works() { }")]
    [InlineData("[Fact] public async Task A_job_is_claimed_once() { await Task.Delay(100); }")]
    [InlineData("void Wait() { Thread.Sleep(100); }")]
    public void A_test_that_is_no_sentence_or_sleeps_is_found(string member) => TestNames.Check(new TextFile("tests/Sample.cs", $"class A {{ {member} }}")).ShouldHaveSingleItem();
}

using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Headway.Tidy.Tests.Words;

/// <summary>
/// One word per idea (docs/glossary.md): other systems' words for ours are not used in the names of types, members that become JSON, tables and columns.
/// Methods are free (RunAsync), and so are names that a standard owns.
/// </summary>
internal static partial class ForbiddenWords
{
    private static readonly HashSet<string> Forbidden =
        ["task", "tasks", "activity", "activities", "run", "runs", "execution", "executions", "message", "messages", "inference", "inferences"];

    /// <summary>Folders whose names are those of a wire format that is not ours.</summary>
    private static readonly string[] Foreign = ["src/Headway/Models/Providers/", "src/Headway/Models/OpenAi", "src/Headway.AspNetCore/OpenAi/"];

    /// <summary>Names that are common property: `?dryRun=true`.</summary>
    private static readonly HashSet<string> Common = ["DryRun", "dryRun"];

    [GeneratedRegex("[A-Z]?[a-z]+|[A-Z]+(?![a-z])")]
    private static partial Regex Word { get; }

    [GeneratedRegex(@"--[^\n]*|'[^']*'")]
    private static partial Regex SqlCommentOrText { get; }

    [GeneratedRegex("[A-Za-z_]+")]
    private static partial Regex SqlName { get; }

    public static IEnumerable<Finding> Check(TextFile file)
    {
        if (Foreign.Any(folder => file.Path.StartsWith(folder, StringComparison.Ordinal))) return [];
        return file.Extension switch { ".cs" => CheckCode(file), ".sql" => CheckSql(file), _ => [] };
    }

    private static IEnumerable<Finding> CheckCode(TextFile file)
    {
        foreach (var node in file.Syntax.DescendantNodes())
        {
            var name = node switch
            {
                BaseTypeDeclarationSyntax type => type.Identifier.ValueText,
                DelegateDeclarationSyntax type => type.Identifier.ValueText,
                EnumMemberDeclarationSyntax member => member.Identifier.ValueText,
                // A member of somebody else's interface has the name that it has there.
                PropertyDeclarationSyntax { ExplicitInterfaceSpecifier: null } property when !IsHumanText(property.Identifier.ValueText, property.Type) => property.Identifier.ValueText,
                ParameterSyntax { Parent.Parent: RecordDeclarationSyntax } parameter when !IsHumanText(parameter.Identifier.ValueText, parameter.Type) => parameter.Identifier.ValueText,
                AnonymousObjectMemberDeclaratorSyntax { NameEquals.Name: var member } when member.Identifier.ValueText != "message" => member.Identifier.ValueText,
                AttributeSyntax attribute when attribute.Name.ToString() == "JsonPropertyName" && attribute.ArgumentList?.ToString().Trim('(', ')', '"') is { } json && json != "message" => json,
                _ => null,
            };
            if (name is not null && Breach(name) is { } word) yield return file.Finding(node, $"\"{word}\" in {name}: see the glossary for our word.");
        }
    }

    private static IEnumerable<Finding> CheckSql(TextFile file)
    {
        for (var line = 0; line < file.Lines.Length; line++)
        {
            foreach (Match name in SqlName.Matches(SqlCommentOrText.Replace(file.Lines[line], "")))
                if (Breach(name.Value) is { } word) yield return file.Finding(line + 1, $"\"{word}\" in {name.Value}: see the glossary for our word.");
        }
    }

    /// <summary>What an error says to a person is its message, in .NET, RFC 9457's neighbours and OpenAI alike: exactly that name, and a text.</summary>
    private static bool IsHumanText(string name, TypeSyntax? type) => name == "Message" && type?.ToString().TrimEnd('?') == "string";

    private static string? Breach(string name) => Common.Contains(name) ? null : Word.Matches(name).Select(match => match.Value.ToLowerInvariant()).FirstOrDefault(Forbidden.Contains);
}

public sealed class ForbiddenWordsTests
{
    [Fact]
    public void Names_are_words_of_the_glossary() =>
        Repository.Files.Where(file => file.Path.StartsWith("src/", StringComparison.Ordinal) || file.Path.StartsWith("samples/", StringComparison.Ordinal)).SelectMany(ForbiddenWords.Check).ShouldBeNone();

    [Theory]
    [InlineData("class JobRun;")]
    [InlineData("enum Kind { Execution }")]
    [InlineData("record Job(int Task);")]
    [InlineData("record Job { public required string[] Messages { get; init; } }")]
    [InlineData("record Job { public Text Message { get; init; } }")]
    [InlineData("class A { object B = new { inference = 1 }; }")]
    [InlineData("class A { [JsonPropertyName(\"run\")] int B; }")]
    public void A_forbidden_word_in_code_is_found(string code) => ForbiddenWords.Check(new TextFile("src/Headway/Jobs/Sample.cs", code)).ShouldHaveSingleItem();

    [Theory]
    [InlineData("class A { Task<int> RunAsync() => null!; }")]
    [InlineData("enum JobState { Running }")]
    [InlineData("record Failure(string Message);")]
    public void Framework_names_and_texts_for_people_are_not(string code) => ForbiddenWords.Check(new TextFile("src/Headway/Jobs/Sample.cs", code)).ShouldBeEmpty();

    [Fact]
    public void A_forbidden_word_in_sql_is_found_unless_it_is_in_a_comment()
    {
        ForbiddenWords.Check(new TextFile("src/Headway/Jobs/Sample.sql", "-- a run\nCREATE TABLE job(run_id)")).ShouldHaveSingleItem().Line.ShouldBe(2);
        ForbiddenWords.Check(new TextFile("src/Headway/Jobs/Sample.sql", "-- a run\nCREATE TABLE job(id)")).ShouldBeEmpty();
    }
}

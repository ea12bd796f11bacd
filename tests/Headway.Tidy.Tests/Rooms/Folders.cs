using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Headway.Tidy.Tests.Rooms;

/// <summary>A folder is a capability, never a kind of class; a namespace says where its file lies; a type is not named for being in the way.</summary>
internal static class Folders
{
    private static readonly string[] Kinds = ["Interfaces", "Services", "Helpers", "Utils", "Utilities", "Managers", "Core", "Common", "Dtos", "Shared", "Misc"];
    private static readonly string[] Endings = ["Helper", "Helpers", "Util", "Utils", "Utility", "Manager", "Dto"];

    public static IEnumerable<Finding> Check(TextFile file)
    {
        foreach (var folder in file.Path.Split('/')[..^1].Where(folder => Kinds.Contains(folder, StringComparer.OrdinalIgnoreCase)))
            yield return file.Finding(1, $"a folder is named for a capability, not for a kind of class: {folder}.");
        if (file.Extension != ".cs") yield break;

        foreach (var type in file.Syntax.DescendantNodes().OfType<BaseTypeDeclarationSyntax>())
        {
            var name = type.Identifier.ValueText;
            if (Kinds.Contains(name) || Endings.Any(ending => name.EndsWith(ending, StringComparison.Ordinal))) yield return file.Finding(type, $"{name} says nothing of what it does: name it for its duty.");
        }

        var parts = file.Path.Split('/');
        if (parts.Length < 3 || parts[0] is not ("src" or "tests")) yield break;
        var home = string.Join('.', parts[1..^1]);
        foreach (var space in file.Syntax.DescendantNodes().OfType<BaseNamespaceDeclarationSyntax>().Where(space => !LiesAt(space, home, parts[1])))
            yield return file.Finding(space, $"the namespace {space.Name} is not where the file lies: {home}.");
    }

    /// <summary>
    /// A room may be one namespace with folders to sort its files. What users write against lies in the namespace Headway or that of its project,
    /// or where the framework's own extension methods are, so that it is found.
    /// </summary>
    private static bool LiesAt(BaseNamespaceDeclarationSyntax space, string home, string project)
    {
        var name = space.Name.ToString();
        if (name == home || (home.StartsWith(name + ".", StringComparison.Ordinal) && name.StartsWith(project + ".", StringComparison.Ordinal))) return true;
        var isForUsers = space.Members.OfType<BaseTypeDeclarationSyntax>().Any(type => type.Modifiers.Any(SyntaxKind.PublicKeyword));
        return isForUsers && (name is "Headway" || name == project || name.StartsWith("Microsoft.", StringComparison.Ordinal));
    }
}

public sealed class FoldersTests
{
    [Fact]
    public void Folders_namespaces_and_types_are_named_for_capabilities_and_duties() => Repository.Files.SelectMany(Folders.Check).ShouldBeNone();

    [Theory]
    [InlineData("src/Headway/Helpers/Sample.sql", "")]
    [InlineData("src/Headway/Jobs/Sample.cs", "class JobManager;")]
    [InlineData("src/Headway/Jobs/Sample.cs", "namespace Headway.Audit;")]
    public void A_name_that_says_nothing_is_found(string path, string text) => Folders.Check(new TextFile(path, text)).ShouldHaveSingleItem();
}

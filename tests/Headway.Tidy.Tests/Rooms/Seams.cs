using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Headway.Tidy.Tests.Rooms;

/// <summary>An interface has two real implementations, or is public: a seam for users. A class is sealed unless another in the repository derives from it.</summary>
internal static class Seams
{
    public static IEnumerable<Finding> Check(IReadOnlyCollection<TextFile> files)
    {
        var types = files.SelectMany(file => file.Syntax.DescendantNodes().OfType<TypeDeclarationSyntax>().Select(type => (File: file, Type: type))).ToArray();
        var bases = types.SelectMany(item => item.Type.BaseList?.Types.Select(parent => NameOf(parent.Type)) ?? []).GroupBy(name => name).ToDictionary(group => group.Key, group => group.Count());

        foreach (var (file, type) in types)
        {
            var name = type.Identifier.ValueText;
            var children = bases.GetValueOrDefault(name);
            if (type is InterfaceDeclarationSyntax && !Is(type, SyntaxKind.PublicKeyword) && children < 2)
                yield return file.Finding(type, $"{name} has {children} implementations: an interface of ours needs two, or it is only a second name.");
            if (type is ClassDeclarationSyntax or RecordDeclarationSyntax { ClassOrStructKeyword.RawKind: not (int)SyntaxKind.StructKeyword } && children == 0
                && !Is(type, SyntaxKind.SealedKeyword) && !Is(type, SyntaxKind.StaticKeyword) && !Is(type, SyntaxKind.AbstractKeyword) && !Is(type, SyntaxKind.PartialKeyword))
                yield return file.Finding(type, $"{name} is not derived from: seal it.");
        }
    }

    private static bool Is(TypeDeclarationSyntax type, SyntaxKind modifier) => type.Modifiers.Any(modifier);

    private static string NameOf(TypeSyntax type) => type.ToString().Split('<')[0].Split('.')[^1];
}

public sealed class SeamsTests
{
    [Fact]
    public void Interfaces_have_two_implementations_and_classes_are_sealed() => Seams.Check([.. Repository.CSharp("src", "samples")]).ShouldBeNone();

    [Theory]
    [InlineData("interface IClock; sealed class Clock : IClock;")]
    [InlineData("class Worker;")]
    [InlineData("record Job(int Id);")]
    public void A_seam_without_a_use_is_found(string code) => Seams.Check([new TextFile("src/Headway/Jobs/Sample.cs", code)]).ShouldHaveSingleItem();

    [Theory]
    [InlineData("interface IStore; sealed class Files : IStore; sealed class Rows : IStore;")]
    [InlineData("public interface IHandler;")]
    [InlineData("class Worker; sealed class Pool : Worker;")]
    [InlineData("record struct Id(int Value);")]
    public void A_seam_with_a_use_is_not(string code) => Seams.Check([new TextFile("src/Headway/Jobs/Sample.cs", code)]).ShouldBeEmpty();
}

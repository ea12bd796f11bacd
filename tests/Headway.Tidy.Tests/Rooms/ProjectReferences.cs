using System.Xml.Linq;

namespace Headway.Tidy.Tests.Rooms;

/// <summary>The dependency rule between projects: who may reference whom.</summary>
internal static class ProjectReferences
{
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Headway.Client"] = [],
        ["Headway"] = [],
        ["Headway.AspNetCore"] = ["Headway", "Headway.Client"],
        ["Headway.Server"] = ["Headway.AspNetCore"],
        ["Headway.Testing"] = ["Headway"],
        ["Headway.Analyzers"] = [],
        ["Headway.Analyzers.CodeFixes"] = ["Headway.Analyzers"],
    };

    /// <summary>Samples show what a user may do, so they see what a user sees.</summary>
    private static readonly string[] AllowedToSamples = ["Headway", "Headway.AspNetCore", "Headway.Client", "Headway.Testing"];

    public static IEnumerable<Finding> Check(TextFile project)
    {
        var name = Path.GetFileNameWithoutExtension(project.Path);
        var allowed = project.Path.StartsWith("src/", StringComparison.Ordinal) ? Allowed.GetValueOrDefault(name)
            : project.Path.StartsWith("samples/", StringComparison.Ordinal) && !name.EndsWith(".Tests", StringComparison.Ordinal) ? AllowedToSamples
            : null;
        if (allowed is null)
        {
            if (project.Path.StartsWith("src/", StringComparison.Ordinal)) yield return project.Finding(1, $"{name} has no line in the table of project references yet: give it one.");
            yield break;
        }

        var references = XDocument.Parse(project.Text).Descendants("ProjectReference")
            // What is only built first, or looks at the code, is nothing that the code can use.
            .Where(reference => reference.Attribute("ReferenceOutputAssembly")?.Value is not "false")
            .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));
        foreach (var reference in references.Where(reference => !allowed.Contains(reference)))
            yield return project.Finding(1, $"{name} may not reference {reference}; it may reference: {string.Join(", ", allowed)}.");
    }
}

public sealed class ProjectReferencesTests
{
    [Fact]
    public void Projects_reference_only_what_the_dependency_rule_allows() =>
        Repository.Files.Where(file => file.Extension == ".csproj").SelectMany(ProjectReferences.Check).ShouldBeNone();

    [Theory]
    [InlineData("src/Headway/Headway.csproj", "../Headway.Client/Headway.Client.csproj")]
    [InlineData("src/Headway.Client/Headway.Client.csproj", "../Headway/Headway.csproj")]
    [InlineData("src/Headway.Novelty/Headway.Novelty.csproj", "../Headway/Headway.csproj")]
    [InlineData("samples/clinic/Clinic.csproj", "../../src/Headway.Server/Headway.Server.csproj")]
    public void A_reference_against_the_rule_is_found(string path, string reference) =>
        ProjectReferences.Check(new TextFile(path, $"<Project><ItemGroup><ProjectReference Include=\"{reference}\" /></ItemGroup></Project>")).ShouldHaveSingleItem();
}

using System.Diagnostics;
using System.IO.Compression;
using System.Xml.Linq;

namespace Headway.Analyzers.Tests;

public sealed class It_travels_with_the_package
{
    private static readonly string Root = FindRoot();

    [Fact]
    public async Task The_package_holds_the_analyzer_and_its_code_fixes()
    {
        using var package = await PackAsync("Headway");

        package.Entries.Select(entry => entry.FullName).Where(name => name.StartsWith("analyzers/", StringComparison.Ordinal)).Order(StringComparer.Ordinal)
            .ShouldBe(["analyzers/dotnet/cs/Headway.Analyzers.CodeFixes.dll", "analyzers/dotnet/cs/Headway.Analyzers.dll"]);
        Dependencies(package).ShouldNotContain(dependency => dependency.Id.Contains("CodeAnalysis", StringComparison.Ordinal) || dependency.Id.Contains("Analyzers", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Headway.AspNetCore")]
    [InlineData("Headway.Testing")]
    public async Task Whoever_takes_a_package_that_needs_it_gets_it_too(string name)
    {
        using var package = await PackAsync(name);

        Dependencies(package).Single(dependency => dependency.Id == "Headway").Excluded.ShouldNotContain("Analyzers");
    }

    // What was built with this test, as it is.
    private static async Task<ZipArchive> PackAsync(string project)
    {
        var folder = Directory.CreateTempSubdirectory("headway-pack-").FullName;
        try
        {
            var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
            using var pack = Process.Start(new ProcessStartInfo("dotnet", ["pack", Path.Combine(Root, "src", project), "--no-build", "-c", configuration, "-o", folder, "-nologo", "-v", "quiet"]) { RedirectStandardOutput = true })!;
            var said = await pack.StandardOutput.ReadToEndAsync();
            await pack.WaitForExitAsync();
            pack.ExitCode.ShouldBe(0, said);
            return new ZipArchive(new MemoryStream(await File.ReadAllBytesAsync(Directory.GetFiles(folder, "*.nupkg").ShouldHaveSingleItem())));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static (string Id, string Excluded)[] Dependencies(ZipArchive package)
    {
        using var specification = package.Entries.Single(entry => entry.FullName.EndsWith(".nuspec", StringComparison.Ordinal)).Open();
        return [.. XDocument.Load(specification).Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => (element.Attribute("id")!.Value, element.Attribute("exclude")?.Value ?? ""))];
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Headway.slnx"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("Headway.slnx is in no folder above the test.");
    }
}

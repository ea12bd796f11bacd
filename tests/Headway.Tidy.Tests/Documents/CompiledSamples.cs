using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Headway.Tidy.Tests.Documents;

/// <summary>C# in documents compiles as a user's program does: against the public API, with the implicit usings of a web project.</summary>
internal static class CompiledSamples
{
    private static readonly string[] Usings =
    [
        "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Net.Http", "System.Net.Http.Json", "System.Threading", "System.Threading.Tasks",
        "Microsoft.AspNetCore.Builder", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Http", "Microsoft.AspNetCore.Routing",
        "Microsoft.Extensions.Configuration", "Microsoft.Extensions.DependencyInjection", "Microsoft.Extensions.Hosting", "Microsoft.Extensions.Logging",
    ];

    // Everything this test was built against, Headway and ASP.NET Core included.
    private static readonly Lazy<MetadataReference[]> References = new(() =>
        [.. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(file => MetadataReference.CreateFromFile(file))]);

    public static IEnumerable<Finding> Check(Sample sample)
    {
        var options = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Preview);
        var usings = CSharpSyntaxTree.ParseText(string.Concat(Usings.Select(name => $"global using {name};\n")), options);
        var code = CSharpSyntaxTree.ParseText(sample.Text, options);
        var compilation = CSharpCompilation.Create("Sample", [usings, code], References.Value, new CSharpCompilationOptions(OutputKind.ConsoleApplication).WithNullableContextOptions(NullableContextOptions.Enable));
        return compilation.GetDiagnostics().Where(found => found.Severity >= DiagnosticSeverity.Warning && found.Id is not "CS8019")
            .Select(found => sample.Document.Finding(sample.Line + found.Location.GetLineSpan().StartLinePosition.Line + 1, found.ToString()));
    }
}

public sealed class CompiledSamplesTests
{
    [Fact]
    public void Samples_of_code_in_documents_compile() => Sample.InAllDocuments().Where(sample => sample.Mark == "compiled").SelectMany(CompiledSamples.Check).ShouldBeNone();

    [Theory]
    [InlineData("var builder = WebApplication.CreateBuilder(args);\nbuilder.AddHeadwy();")]
    [InlineData("Headway.JobId id = default; Console.WriteLine(id);")]
    public void A_sample_that_does_not_compile_against_the_public_api_is_found(string code) =>
        CompiledSamples.Check(new Sample(new TextFile("README.md", ""), 1, "csharp", "compiled", code)).ShouldNotBeEmpty();
}

using System.Collections.Immutable;
using Headway.Analyzers.CodeFixes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace Headway.Analyzers.Tests;

/// <summary>A piece of C# as the analyzer sees it, compiled against what this test itself uses.</summary>
internal sealed class Code
{
    private static readonly ImmutableArray<MetadataReference> References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator).Select(path => MetadataReference.CreateFromFile(path)),
    ];

    private const string Usings = """
        using System; using System.Collections.Generic; using System.Data.Common; using System.Diagnostics; using System.IO; using System.Linq; using System.Net.Http;
        using System.Security.Cryptography; using System.Threading; using System.Threading.Tasks; using Headway; using Microsoft.Extensions.AI;

        """;

    private readonly Document _document;

    private Code(string text)
    {
        var workspace = new AdhocWorkspace();
        _document = workspace.AddProject(ProjectInfo.Create(
                ProjectId.CreateNewId(), VersionStamp.Default, "Code", "Code", LanguageNames.CSharp,
                compilationOptions: new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable),
                parseOptions: new CSharpParseOptions(LanguageVersion.Preview), metadataReferences: References))
            .AddDocument("Code.cs", SourceText.From(text));
    }

    private Code(Document document) => _document = document;

    /// <summary>A workflow whose body this is, with services to call.</summary>
    public static Code Body(string body, string members = "") => new($$"""
        {{Usings}}
        public sealed class Shop(IShop shop, HttpClient http, DbConnection database, IChatClient chat, TimeProvider time) : Workflow<string, string>
        {
            protected override async Task<string> RunAsync(string input, WorkflowContext flow)
            {
                {{body}}
                return "";
            }
            private object[] Used => [shop, http, database, chat, time];
            {{members}}
        }

        public interface IShop
        {
            Task<string> ChargeAsync(string what, CancellationToken stop = default);
            Task ShipAsync();
            ValueTask<int> CountAsync(int from = 0, int to = 9, CancellationToken stop = default);
            IAsyncEnumerable<string> Lines();
        }
        """);

    /// <summary>A whole file.</summary>
    public static Code File(string text) => new(Usings + text);

    /// <summary>What the analyzer says, in the order of the code: the id and what it stands at.</summary>
    public async Task<string[]> ToldAsync()
    {
        var text = await _document.GetTextAsync();
        return [.. (await DiagnosticsAsync()).Select(told => $"{told.Id} {text.ToString(told.Location.SourceSpan)}")];
    }

    public async Task<ImmutableArray<Diagnostic>> DiagnosticsAsync()
    {
        var compilation = (await _document.Project.GetCompilationAsync())!;
        compilation.GetDiagnostics().Where(error => error.Severity is DiagnosticSeverity.Error).ShouldBeEmpty();
        var told = await compilation.WithAnalyzers([new BodyAnalyzer()], new CompilationWithAnalyzersOptions(new AnalyzerOptions([]), (error, _, _) => throw error, true, false)).GetAnalyzerDiagnosticsAsync();
        return [.. told.OrderBy(diagnostic => diagnostic.Location.SourceSpan.Start)];
    }

    /// <summary>The code after the only fix of the first thing that is told of; null: none is offered.</summary>
    public async Task<Code?> FixedAsync()
    {
        var actions = new List<CodeAction>();
        var first = (await DiagnosticsAsync())[0];
        await new BodyCodeFixes().RegisterCodeFixesAsync(new CodeFixContext(_document, first, (action, _) => actions.Add(action), TestContext.Current.CancellationToken));
        if (actions.Count == 0) return null;
        var changes = await actions.ShouldHaveSingleItem().GetOperationsAsync(TestContext.Current.CancellationToken);
        return new Code(changes.OfType<ApplyChangesOperation>().Single().ChangedSolution.GetDocument(_document.Id)!);
    }

    public async Task<string> TextAsync() => (await _document.GetTextAsync()).ToString();
}

using System.Collections.Immutable;
using System.Composition;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace Headway.Analyzers.CodeFixes;

/// <summary>Puts a verb in the place of what the body of a workflow must not do, where one verb is plainly meant.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(BodyCodeFixes)), Shared]
public sealed class BodyCodeFixes : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = [Rules.Time.Id, Rules.Chance.Id, Rules.World.Id, Rules.Leaving.Id, Rules.Pause.Id, Rules.Block.Id, Rules.Foreign.Id];

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        if (await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false) is not { } root
            || await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false) is not { } model) return;
        foreach (var diagnostic in context.Diagnostics)
        {
            if (root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true) is not ExpressionSyntax found || VerbsAt.Name(found, model) is not { } flow) continue;
            if (Replacements.For(diagnostic.Id, found, flow, model) is not { } replacement) continue;
            context.RegisterCodeFix(
                CodeAction.Create(replacement.Title, _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(replacement.Old, replacement.New.WithTriviaFrom(replacement.Old).WithAdditionalAnnotations(Formatter.Annotation)))), replacement.Title),
                diagnostic);
        }
    }
}

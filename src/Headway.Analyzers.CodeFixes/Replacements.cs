using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Headway.Analyzers.CodeFixes;

/// <summary>What is written instead, and how that is offered.</summary>
internal sealed class Replacement(SyntaxNode old, string text)
{
    public SyntaxNode Old => old;

    public SyntaxNode New => SyntaxFactory.ParseExpression(text);

    public string Title => $"Write {(text.Length <= LongestTitle ? text : text.Substring(0, LongestTitle) + "…")}";

    // A line of a menu.
    private const int LongestTitle = 80;
}

internal static class Replacements
{
    /// <summary>Null: what is meant cannot be told.</summary>
    public static Replacement? For(string rule, ExpressionSyntax found, string flow, SemanticModel model)
    {
        if (rule == Rules.Time.Id) return OfTime(found, flow, model);
        if (rule == Rules.Chance.Id) return OfChance(found, flow, model);
        if (rule == Rules.Pause.Id) return OfPause(found, flow, model);
        if (rule == Rules.Leaving.Id) return OfLeaving(found);
        if (rule == Rules.Block.Id) return OfBlock(found);
        return Awaited(found) is { } awaited ? InStep(awaited, found, flow, model) : null;
    }

    private static Replacement? OfTime(ExpressionSyntax found, string flow, SemanticModel model)
    {
        if (model.GetSymbolInfo(found).Symbol is not { ContainingType: { } type } symbol) return null;
        return (type.Name, symbol.Name) switch
        {
            ("DateTime", "Now" or "UtcNow") => new Replacement(found, $"{flow}.Now.UtcDateTime"),
            ("DateTime", "Today") => new Replacement(found, $"{flow}.Now.UtcDateTime.Date"),
            ("DateTimeOffset", "Now" or "UtcNow") or ("TimeProvider", "GetUtcNow" or "GetLocalNow") => new Replacement(found, $"{flow}.Now"),
            ("TimeProvider", "System") when found.Parent is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "GetUtcNow" or "GetLocalNow", Parent: InvocationExpressionSyntax call } => new Replacement(call, $"{flow}.Now"),
            _ => null,
        };
    }

    private static Replacement? OfChance(ExpressionSyntax found, string flow, SemanticModel model) => model.GetSymbolInfo(found).Symbol is not { ContainingType: { } type } symbol ? null : (type.Name, symbol.Name) switch
    {
        ("Guid", _) => new Replacement(found, $"{flow}.NewId()"),
        ("Random", _) => new Replacement(found, $"{flow}.Random"),
        _ => null,
    };

    private static Replacement? OfPause(ExpressionSyntax found, string flow, SemanticModel model)
    {
        if (found is not InvocationExpressionSyntax { ArgumentList.Arguments: { Count: > 0 } arguments } || model.GetSymbolInfo(found).Symbol is not IMethodSymbol { Name: "Delay" } delay) return null;
        var time = arguments[0].Expression.ToString();
        return new Replacement(found, delay.Parameters[0].Type.SpecialType is SpecialType.System_Int32 ? $"{flow}.Delay(TimeSpan.FromMilliseconds({time}))" : $"{flow}.Delay({time})");
    }

    private static Replacement? OfLeaving(ExpressionSyntax found) =>
        found is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait", Expression: { } configured } } ? new Replacement(found, configured.ToString()) : null;

    // Only where the code may await at all.
    private static Replacement? OfBlock(ExpressionSyntax found) => found is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "Result", Expression: { } value } && IsAsync(found)
        ? new Replacement(found, found.Parent is MemberAccessExpressionSyntax or ElementAccessExpressionSyntax ? $"(await {value})" : $"await {value}") : null;

    private static bool IsAsync(SyntaxNode node)
    {
        foreach (var around in node.Ancestors())
        {
            switch (around)
            {
                case AnonymousFunctionExpressionSyntax lambda: return lambda.AsyncKeyword.IsKind(SyntaxKind.AsyncKeyword);
                case LocalFunctionStatementSyntax local: return local.Modifiers.Any(SyntaxKind.AsyncKeyword);
                case MethodDeclarationSyntax method: return method.Modifiers.Any(SyntaxKind.AsyncKeyword);
            }
        }
        return false;
    }

    private static AwaitExpressionSyntax? Awaited(ExpressionSyntax call)
    {
        SyntaxNode? at = call.Parent;
        // Of `call.ConfigureAwait(false)` and of parentheses.
        while (at is MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait" } or ParenthesizedExpressionSyntax || (at is InvocationExpressionSyntax { Expression: MemberAccessExpressionSyntax { Name.Identifier.ValueText: "ConfigureAwait" } })) at = at.Parent;
        return at as AwaitExpressionSyntax;
    }

    private static Replacement? InStep(AwaitExpressionSyntax awaited, ExpressionSyntax found, string flow, SemanticModel model)
    {
        if (found is not InvocationExpressionSyntax call || model.GetSymbolInfo(call).Symbol is not IMethodSymbol method) return null;
        var token = VerbsAt.Token(call, model);
        var text = (token == "_" ? call : WithToken(call, method, token)).ToString();
        if (method.ReturnType.Name == "ValueTask") text += ".AsTask()";
        return new Replacement(awaited, $"await {flow}.Step(\"{Kebab(method.Name)}\", {token} => {text})");
    }

    // Where it can be stopped and nothing was said of that, the step's token stops it.
    private static InvocationExpressionSyntax WithToken(InvocationExpressionSyntax call, IMethodSymbol method, string token)
    {
        if (method.Parameters.LastOrDefault() is not { IsOptional: true } last || Outside.NameOf(last.Type) != "System.Threading.CancellationToken") return call;
        var given = call.ArgumentList.Arguments;
        if (given.Count >= method.Parameters.Length || given.Any(argument => argument.NameColon?.Name.Identifier.ValueText == last.Name)) return call;
        var argument = SyntaxFactory.Argument(SyntaxFactory.IdentifierName(token));
        // After parameters that were left out it has to be named.
        if (given.Count < method.Parameters.Length - 1) argument = argument.WithNameColon(SyntaxFactory.NameColon(SyntaxFactory.IdentifierName(last.Name)).WithTrailingTrivia(SyntaxFactory.Space));
        if (given.Count > 0) argument = argument.WithLeadingTrivia(SyntaxFactory.Space);
        return call.WithArgumentList(call.ArgumentList.AddArguments(argument));
    }

    /// <summary>`ChargeCardAsync` is the step `charge-card`.</summary>
    private static string Kebab(string method)
    {
        var name = method.Length > "Async".Length && method.EndsWith("Async", StringComparison.Ordinal) ? method.Substring(0, method.Length - "Async".Length) : method;
        var kebab = new StringBuilder();
        foreach (var letter in name)
        {
            if (char.IsUpper(letter) && kebab.Length > 0) kebab.Append('-');
            kebab.Append(char.ToLowerInvariant(letter));
        }
        return kebab.ToString();
    }
}

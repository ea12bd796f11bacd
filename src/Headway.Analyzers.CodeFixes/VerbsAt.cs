using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace Headway.Analyzers.CodeFixes;

/// <summary>The verbs that can be written where something stands.</summary>
internal static class VerbsAt
{
    /// <summary>The name of the nearest parameter that is a `WorkflowContext`; null: there is none.</summary>
    public static string? Name(SyntaxNode node, SemanticModel model)
    {
        foreach (var around in node.Ancestors())
        {
            IEnumerable<ParameterSyntax> parameters = around switch
            {
                ParenthesizedLambdaExpressionSyntax lambda => lambda.ParameterList.Parameters,
                SimpleLambdaExpressionSyntax lambda => [lambda.Parameter],
                LocalFunctionStatementSyntax local => local.ParameterList.Parameters,
                MethodDeclarationSyntax method => method.ParameterList.Parameters,
                _ => [],
            };
            foreach (var parameter in parameters)
            {
                if (model.GetDeclaredSymbol(parameter) is { Type: { } type } symbol && Outside.NameOf(type) == "Headway.WorkflowContext") return symbol.Name;
            }
        }
        return null;
    }

    /// <summary>A name for the token of a step that nothing else has there.</summary>
    public static string Token(SyntaxNode node, SemanticModel model) => model.LookupSymbols(node.SpanStart, name: "stop").IsEmpty ? "stop" : "_";
}

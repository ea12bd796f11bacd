using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Headway.Analyzers;

/// <summary>Tells what is run again with the body of a workflow from what is run in a step.</summary>
/// <param name="context">The type of the verbs.</param>
internal sealed class Bodies(INamedTypeSymbol context)
{
    /// <summary>The name of the verbs where this stands; null: it is not in a body.</summary>
    /// <param name="member">The method that it stands in.</param>
    public string? FlowAt(IOperation operation, ISymbol member)
    {
        for (var at = operation.Parent; at is not null; at = at.Parent)
        {
            var function = at switch { IAnonymousFunctionOperation lambda => lambda.Symbol, ILocalFunctionOperation local => local.Symbol, _ => null };
            if (function is null) continue;
            if (FlowOf(function) is { } name) return name;
            // A body has no token to stop it; whatever takes one is the work of a step.
            if (function.Parameters.Any(parameter => Outside.NameOf(parameter.Type) == "System.Threading.CancellationToken") || IsHandedOn(at)) return null;
        }
        return member is IMethodSymbol method ? FlowOf(method) : null;
    }

    public bool IsContext(ITypeSymbol? type) => SymbolEqualityComparer.Default.Equals(type, context);

    /// <summary>A type that keeps the verbs has methods that may use them.</summary>
    public bool KeepsContext(INamedTypeSymbol type) => type.GetMembers().Any(member => member switch
    {
        IFieldSymbol field => IsContext(field.Type),
        IPropertySymbol property => IsContext(property.Type),
        IMethodSymbol { MethodKind: MethodKind.Constructor } made => made.Parameters.Any(parameter => IsContext(parameter.Type)),
        _ => false,
    });

    private string? FlowOf(IMethodSymbol method) => method.Parameters.FirstOrDefault(parameter => IsContext(parameter.Type))?.Name;

    // What a verb is given and does not give verbs to is work. And a method that gets the verbs and a piece of code may put the code in a step.
    private bool IsHandedOn(IOperation lambda)
    {
        var at = lambda.Parent;
        while (at is IDelegateCreationOperation or IConversionOperation or IArgumentOperation) at = at.Parent;
        return at is IInvocationOperation call && (IsContext(call.TargetMethod.ContainingType) || call.Arguments.Any(argument => IsContext(argument.Value.Type)));
    }
}

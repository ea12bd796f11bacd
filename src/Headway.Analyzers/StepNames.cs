using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Headway.Analyzers;

/// <summary>Finds steps of one name among several that run at once.</summary>
internal sealed class StepNames(Bodies bodies)
{
    /// <param name="together">All, Any, Task.WhenAll or Task.WhenAny.</param>
    /// <returns>The steps whose name is another's, with the name.</returns>
    public IEnumerable<(IOperation At, string Name)> Repeated(IInvocationOperation together)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var value in together.Arguments.Where(argument => argument.Parameter?.Type.TypeKind is not TypeKind.Delegate).SelectMany(argument => ElementsOf(argument.Value)))
        {
            if (NameOf(value) is { } name && !names.Add(name)) yield return (value, name);
            foreach (var repeated in InSelection(value)) yield return repeated;
        }
    }

    public bool IsTogether(IMethodSymbol method) => bodies.IsContext(method.ContainingType)
        ? method.Name is "All" or "Any"
        : Outside.NameOf(method.ContainingType) == "System.Threading.Tasks.Task" && method.Name is "WhenAll" or "WhenAny";

    private static IEnumerable<IOperation> ElementsOf(IOperation value) => value switch
    {
        IConversionOperation converted => ElementsOf(converted.Operand),
        IArrayCreationOperation { Initializer: { } initial } => initial.ElementValues.SelectMany(ElementsOf),
        ICollectionExpressionOperation collection => collection.Elements.SelectMany(ElementsOf),
        ILocalReferenceOperation local when Origins.InitialOf(local) is { } initial => ElementsOf(initial),
        _ => [value],
    };

    // `items.Select(item => flow.Step("fetch", …))`: the same name for each.
    private IEnumerable<(IOperation At, string Name)> InSelection(IOperation value)
    {
        if (value is not IInvocationOperation { TargetMethod.Name: "Select" or "SelectMany" or "ToList" or "ToArray" } selection) yield break;
        foreach (var lambda in selection.Descendants().OfType<IAnonymousFunctionOperation>().Where(lambda => !lambda.Symbol.Parameters.Any(parameter => bodies.IsContext(parameter.Type))))
        {
            foreach (var step in lambda.Body.Descendants().OfType<IInvocationOperation>())
            {
                if (Outer(step) == lambda && NameOf(step) is { } name) yield return (step, name);
            }
        }
    }

    private static IOperation? Outer(IOperation operation)
    {
        var at = operation.Parent;
        while (at is not null and not IAnonymousFunctionOperation) at = at.Parent;
        return at;
    }

    private string? NameOf(IOperation value) =>
        value is IInvocationOperation { TargetMethod.Name: "Step" } step && bodies.IsContext(step.TargetMethod.ContainingType)
            && step.Arguments.FirstOrDefault(argument => argument.Parameter?.Name == "name")?.Value.ConstantValue is { HasValue: true, Value: string name } ? name : null;
}

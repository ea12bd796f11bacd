using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace Headway.Analyzers;

/// <summary>Tells where a value of a body came from: from a verb, or from a call of something else. What cannot be told is taken for a verb's.</summary>
internal sealed class Origins(Bodies bodies)
{
    // Of locals that are made of locals.
    private const int Deepest = 8;

    private static readonly HashSet<string> MadeOfTasks = new(StringComparer.Ordinal) { "WhenAll", "WhenAny", "WhenEach", "FromResult", "FromException", "FromCanceled", "Yield" };

    /// <summary>The call of something else that the value came from; null: none is known.</summary>
    public IInvocationOperation? ForeignCall(IOperation? value, int depth = 0)
    {
        if (value is null || depth > Deepest) return null;
        switch (value)
        {
            case IConversionOperation converted:
                return ForeignCall(converted.Operand, depth + 1);
            case ILocalReferenceOperation local:
                return ForeignCall(InitialOf(local), depth + 1);
            case IConditionalOperation either:
                return ForeignCall(either.WhenTrue, depth + 1) ?? ForeignCall(either.WhenFalse, depth + 1);
            case IInvocationOperation { TargetMethod.Name: "ConfigureAwait" or "AsTask", Instance: { } instance }:
                return ForeignCall(instance, depth + 1);
            case IInvocationOperation call:
                return IsForeign(call) ? call : null;
            default:
                return null;
        }
    }

    /// <summary>Something in it is of the verbs: the verbs themselves, or a local that was made with them.</summary>
    public bool IsOfFlow(IOperation? value, int depth = 0)
    {
        if (value is null || depth > Deepest) return false;
        foreach (var part in value.DescendantsAndSelf())
        {
            if (bodies.IsContext(part.Type)) return true;
            if (part is ILocalReferenceOperation local && IsOfFlow(InitialOf(local), depth + 1)) return true;
        }
        return false;
    }

    /// <summary>What a local is made of where it is declared.</summary>
    public static IOperation? InitialOf(ILocalReferenceOperation local) =>
        local.Local.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax() is { } declared && local.SemanticModel?.GetOperation(declared) is IVariableDeclaratorOperation declarator
            ? declarator.GetVariableInitializer()?.Value : null;

    private bool IsForeign(IInvocationOperation call)
    {
        var method = call.TargetMethod;
        if (bodies.IsContext(method.ContainingType) || method.MethodKind is MethodKind.LocalFunction or MethodKind.DelegateInvoke) return false;
        if (Outside.NameOf(method.ContainingType) == "System.Threading.Tasks.Task" && MadeOfTasks.Contains(method.Name)) return false;
        // Told by a rule of its own.
        if (Outside.Of(method, ReceiverOf(call)?.Type) is not null) return false;
        // Taken out of a collection of tasks: who put them in was told there.
        if (method.TypeArguments.Concat(method.ContainingType.TypeArguments).Any(IsTask)) return false;
        return !IsOfFlow(call) && !bodies.KeepsContext(method.ContainingType);
    }

    /// <summary>What a method is called on; of an extension method, its first argument.</summary>
    public static IOperation? ReceiverOf(IInvocationOperation call) =>
        call.Instance ?? (call.TargetMethod.IsExtensionMethod ? Bare(call.Arguments.FirstOrDefault()?.Value) : null);

    public static bool IsTask(ITypeSymbol? type) => type is not null && Outside.NameOf(type) is "System.Threading.Tasks.Task" or "System.Threading.Tasks.ValueTask";

    private static IOperation? Bare(IOperation? value) => value is IConversionOperation { IsImplicit: true } converted ? Bare(converted.Operand) : value;
}

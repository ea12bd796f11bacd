using System.Collections.Immutable;
using System.Globalization;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Operations;

namespace Headway.Analyzers;

/// <summary>
/// Finds in the bodies of workflows what would be another thing when they are run again. A body is a function that takes a `WorkflowContext`, and what is
/// written in it; what takes a `CancellationToken` in it is the work of a step, and may do anything.
/// </summary>
[DiagnosticAnalyzer(LanguageNames.CSharp)]
public sealed class BodyAnalyzer : DiagnosticAnalyzer
{
    /// <inheritdoc/>
    public override ImmutableArray<DiagnosticDescriptor> SupportedDiagnostics { get; } =
        [Rules.Time, Rules.Chance, Rules.World, Rules.Leaving, Rules.Pause, Rules.Block, Rules.Foreign, Rules.Twice];

    /// <inheritdoc/>
    public override void Initialize(AnalysisContext context)
    {
        context.ConfigureGeneratedCodeAnalysis(GeneratedCodeAnalysisFlags.None);
        context.EnableConcurrentExecution();
        context.RegisterCompilationStartAction(static start =>
        {
            if (start.Compilation.GetTypeByMetadataName("Headway.WorkflowContext") is not { } type) return;
            var bodies = new Bodies(type);
            var looker = new Looker(bodies, new Origins(bodies), new StepNames(bodies));
            start.RegisterOperationAction(looker.Look, OperationKind.Invocation, OperationKind.PropertyReference, OperationKind.ObjectCreation, OperationKind.Lock, OperationKind.Await, OperationKind.Return, OperationKind.Loop);
        });
    }

    private sealed class Looker(Bodies bodies, Origins origins, StepNames names)
    {
        public void Look(OperationAnalysisContext context)
        {
            switch (context.Operation)
            {
                case IInvocationOperation call:
                    LookAtCall(context, call);
                    break;
                case IPropertyReferenceOperation property when property.Property.IsStatic || property.Property.Name is "Result" || Outside.Of(property.Property, null)?.Rule == Rules.World:
                    Judge(context, Outside.Of(property.Property, null), property.Syntax);
                    break;
                case IObjectCreationOperation made:
                    Judge(context, Outside.OfNew(made), made.Syntax);
                    break;
                case ILockOperation locked:
                    Judge(context, new Judgement(Rules.Block, "the code of a workflow runs one turn at a time and needs none"), locked.LockedValue.Syntax, "lock");
                    break;
                case IAwaitOperation awaited:
                    Foreign(context, awaited.Operation);
                    break;
                case IForEachLoopOperation { IsAsynchronous: true } loop:
                    Foreign(context, loop.Collection);
                    break;
                case IReturnOperation { ReturnedValue: { } returned } when Origins.IsTask(returned.Type):
                    Foreign(context, returned);
                    break;
            }
        }

        private void LookAtCall(OperationAnalysisContext context, IInvocationOperation call)
        {
            var method = call.TargetMethod;
            if (method.Name == "ConfigureAwait" && Leaves(call)) Judge(context, new Judgement(Rules.Leaving, "leave it out"), call.Syntax, "ConfigureAwait");
            if (names.IsTogether(method) && bodies.FlowAt(call, context.ContainingSymbol) is not null)
            {
                foreach (var (at, name) in names.Repeated(call)) context.ReportDiagnostic(Diagnostic.Create(Rules.Twice, at.Syntax.GetLocation(), name));
            }
            var receiver = Origins.ReceiverOf(call);
            if (Outside.Of(method, receiver?.Type) is not { } judged) return;
            // A model of the verbs; and a clock that is told of already.
            if (judged.Rule == Rules.World && origins.IsOfFlow(receiver)) return;
            if (judged.Rule == Rules.Time && receiver is IPropertyReferenceOperation { Property: { Name: "System", IsStatic: true } }) return;
            Judge(context, judged, call.Syntax, $"{method.ContainingType.Name}.{method.Name}");
        }

        private void Foreign(OperationAnalysisContext context, IOperation value)
        {
            if (origins.ForeignCall(value) is not { } call || bodies.FlowAt(context.Operation, context.ContainingSymbol) is not { } flow) return;
            context.ReportDiagnostic(Diagnostic.Create(Rules.Foreign, call.Syntax.GetLocation(), $"{call.TargetMethod.Name}(…)", flow));
        }

        private void Judge(OperationAnalysisContext context, Judgement? judged, SyntaxNode at, string? what = null)
        {
            if (judged?.Rule is null || bodies.FlowAt(context.Operation, context.ContainingSymbol) is not { } flow) return;
            context.ReportDiagnostic(Diagnostic.Create(judged.Rule, at.GetLocation(), what ?? at.ToString(), string.Format(CultureInfo.InvariantCulture, judged.Cure, flow)));
        }

        // `true` and the options that say so stay where they are.
        private static bool Leaves(IInvocationOperation call) => call.Arguments.FirstOrDefault()?.Value.ConstantValue is not { HasValue: true, Value: var value } || value switch
        {
            bool stays => !stays,
            int options => (options & 1) == 0,
            _ => false,
        };
    }
}

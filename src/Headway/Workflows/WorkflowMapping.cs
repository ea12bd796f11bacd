using System.Reflection;
using Microsoft.Extensions.DependencyInjection;

namespace Headway.Workflows;

/// <summary>Finds out what a workflow takes and gives, so that whoever maps it need not say it again.</summary>
internal static class WorkflowMapping
{
    private static readonly MethodInfo AddOf = typeof(WorkflowMapping).GetMethod(nameof(AddTyped), BindingFlags.NonPublic | BindingFlags.Static)!;

    /// <exception cref="InvalidOperationException">The type is no workflow, or the feature has one already.</exception>
    public static void Add<TWorkflow>(WorkflowCode code, string name, IServiceProvider services) where TWorkflow : class
    {
        var workflow = typeof(TWorkflow);
        for (var type = workflow.BaseType; type is not null; type = type.BaseType)
        {
            if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(Workflow<,>)) continue;
            AddOf.MakeGenericMethod([workflow, .. type.GetGenericArguments()]).Invoke(null, BindingFlags.DoNotWrapExceptions, null, [code, name, services], null);
            return;
        }

        throw new InvalidOperationException($"{workflow.Name} is no workflow: derive it from Workflow<TIn, TOut>, or map it with MapFeature.");
    }

    private static void AddTyped<TWorkflow, TIn, TOut>(WorkflowCode code, string name, IServiceProvider services) where TWorkflow : Workflow<TIn, TOut>
        => code.Add<TIn, TOut>(name, () =>
        {
            var scope = services.CreateAsyncScope();
            return (ActivatorUtilities.CreateInstance<TWorkflow>(scope.ServiceProvider), scope);
        }, typeof(TWorkflow).GetCustomAttribute<VersionAttribute>()?.Number ?? 1);
}

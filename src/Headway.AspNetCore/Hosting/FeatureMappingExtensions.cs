using Headway.Handlers.Code;
using Headway.Workflows;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Headway;

/// <summary>Gives the features of the feature file that say `handler: code` their code. Map before the host starts.</summary>
public static class FeatureMappingExtensions
{
    /// <summary>Code that gives one answer.</summary>
    /// <param name="name">Name of the feature in the feature file, which owns contract and policy.</param>
    /// <param name="work">Gets the input, read from JSON by its type, and gives the answer; text is answered as text/plain, anything else as JSON.</param>
    /// <exception cref="InvalidOperationException">The feature has code already, or AddHeadway() was not called.</exception>
    public static IEndpointRouteBuilder MapFeature<TIn, TOut>(this IEndpointRouteBuilder app, string name, Func<TIn, FeatureContext, CancellationToken, Task<TOut>> work)
    {
        Code(app).Add(name, work);
        return app;
    }

    /// <summary>Code that gives its answer in pieces, which a stream shows as they come.</summary>
    /// <inheritdoc cref="MapFeature{TIn, TOut}(IEndpointRouteBuilder, string, Func{TIn, FeatureContext, CancellationToken, Task{TOut}})"/>
    public static IEndpointRouteBuilder MapFeature<TIn, TOut>(this IEndpointRouteBuilder app, string name, Func<TIn, FeatureContext, CancellationToken, IAsyncEnumerable<TOut>> work)
    {
        Code(app).Add(name, work);
        return app;
    }

    /// <summary>A workflow: durable work that survives its node, and waits for days without holding anything. Of features with `handler: code` and mode async or hybrid.</summary>
    /// <typeparam name="TWorkflow">A <see cref="Workflow{TIn, TOut}"/>. It is made anew, with the services of a scope of its own, whenever it is run.</typeparam>
    /// <inheritdoc cref="MapFeature{TIn, TOut}(IEndpointRouteBuilder, string, Func{TIn, FeatureContext, CancellationToken, Task{TOut}})"/>
    public static IEndpointRouteBuilder MapWorkflow<TWorkflow>(this IEndpointRouteBuilder app, string name) where TWorkflow : class
    {
        var code = Code(app);
        if (code.Find(name) is not null) throw new InvalidOperationException($"The feature {name} already has code: map it once.");
        WorkflowMapping.Add<TWorkflow>(app.ServiceProvider.GetRequiredService<WorkflowCode>(), name, app.ServiceProvider);
        return app;
    }

    private static CodeHandlers Code(IEndpointRouteBuilder app) => app.ServiceProvider.GetService<CodeHandlers>()
        ?? throw new InvalidOperationException("Headway is not part of this host. Call builder.AddHeadway() before the host is built.");
}

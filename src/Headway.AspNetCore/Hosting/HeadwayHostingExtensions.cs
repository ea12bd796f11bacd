using Headway.AspNetCore;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;
using Headway.AspNetCore.Health;
using Headway.AspNetCore.Hosting;
using Headway.AspNetCore.Jobs;
using Headway.AspNetCore.OpenAi;
using Headway.AspNetCore.OpenAi.Files;
using Headway.AspNetCore.OpenAi.Responses;
using Headway.AspNetCore.OpenApi;
using Headway.AspNetCore.Routing;
using Headway.Handlers.Code;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Headway;

/// <summary>Puts Headway into an ASP.NET Core host: AddHeadway() before the host is built, MapHeadway() after.</summary>
public static class HeadwayHostingExtensions
{
    /// <summary>Adds a Headway node to the host; it starts before the server takes connections.</summary>
    /// <param name="configure">Sets options in code; they win over environment and feature file.</param>
    public static IHostApplicationBuilder AddHeadway(this IHostApplicationBuilder builder, Action<HeadwayOptions>? configure = null)
    {
        builder.Services.AddHeadway(configure);
        return builder;
    }

    /// <inheritdoc cref="AddHeadway(IHostApplicationBuilder, Action{HeadwayOptions}?)"/>
    public static IServiceCollection AddHeadway(this IServiceCollection services, Action<HeadwayOptions>? configure = null)
    {
        services.AddRouting();
        services.AddOptions<HeadwayOptions>().Configure<IConfiguration>((options, configuration) =>
        {
            ReadEnvironment(options, configuration);
            configure?.Invoke(options);
        });
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<HeadwayOptions>>().Value.Time);
        services.TryAddSingleton<CodeHandlers>();
        services.TryAddSingleton<EngineHost>();
        services.TryAddSingleton<Answers>();
        services.TryAddSingleton<Neighbourhood>();
        services.TryAddSingleton<Guard>();
        services.TryAddSingleton<FeatureEndpoint>();
        services.TryAddSingleton<FeatureListEndpoint>();
        services.TryAddSingleton<ChatEndpoint>();
        services.TryAddSingleton<ModelsEndpoint>();
        services.TryAddSingleton<EarlierItems>();
        services.TryAddSingleton<ResponseStreams>();
        services.TryAddSingleton<ResponseSockets>();
        services.TryAddSingleton<ResponsesEndpoint>();
        services.TryAddSingleton<CompactEndpoint>();
        services.TryAddSingleton<StoredResponseEndpoints>();
        services.TryAddSingleton<FilesEndpoint>();
        services.TryAddSingleton<JobEndpoints>();
        services.TryAddSingleton<CostEndpoints>();
        services.TryAddSingleton<EventEndpoint>();
        services.TryAddSingleton<DeadLetterEndpoints>();
        services.TryAddSingleton<HealthEndpoints>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<MatcherPolicy, FeatureRoutePolicy>());
        services.AddHostedService<EngineService>();
        services.AddOpenApi(document => document.AddDocumentTransformer<ApiDocument>());
        return services;
    }

    private static void ReadEnvironment(HeadwayOptions options, IConfiguration configuration)
    {
        options.File = Said(configuration["HEADWAY_FILE"]);
        options.Database = Said(configuration["HEADWAY_DATABASE"]);
        options.Listen = Said(configuration["HEADWAY_LISTEN"]);
        if (Said(configuration["HEADWAY_ALLOWED_HOSTS"]) is { } hosts) options.AllowedHosts = Listening.Split(hosts);
    }

    // An empty variable is how shells and compose files unset one.
    private static string? Said(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;

    /// <summary>Maps the HTTP API: `/v1/…`, `/health/…`, and the paths that features declare for themselves.</summary>
    /// <returns>A builder for conventions that hold for every route of Headway, such as rate limits.</returns>
    public static IEndpointConventionBuilder MapHeadway(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var group = endpoints.MapGroup("");
        var routes = new ApiRoutes(group, services.GetRequiredService<Guard>());
        var features = services.GetRequiredService<FeatureEndpoint>();
        routes.Post("/v1/features/{name}", features.ByNameAsync);
        services.GetRequiredService<FeatureListEndpoint>().Map(routes);
        services.GetRequiredService<ChatEndpoint>().Map(routes);
        services.GetRequiredService<ModelsEndpoint>().Map(routes);
        services.GetRequiredService<ResponsesEndpoint>().Map(routes);
        services.GetRequiredService<CompactEndpoint>().Map(routes);
        services.GetRequiredService<StoredResponseEndpoints>().Map(routes);
        services.GetRequiredService<FilesEndpoint>().Map(routes);
        services.GetRequiredService<JobEndpoints>().Map(routes);
        services.GetRequiredService<CostEndpoints>().Map(routes);
        services.GetRequiredService<EventEndpoint>().Map(routes);
        services.GetRequiredService<DeadLetterEndpoints>().Map(routes);
        services.GetRequiredService<HealthEndpoints>().Map(routes);
        ProblemEndpoint.Map(routes);
        group.MapOpenApi();
        routes.Declared(features.ByRouteAsync);
        routes.Rest("/v1/{**rest}", features.ByRouteAsync);
        return group;
    }
}

using Headway.Access;
using Headway.AspNetCore;
using Headway.AspNetCore.Access;
using Headway.AspNetCore.Alerts;
using Headway.AspNetCore.Audit;
using Headway.AspNetCore.Delivery;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Events;
using Headway.AspNetCore.Features;
using Headway.AspNetCore.Health;
using Headway.AspNetCore.Hosting;
using Headway.AspNetCore.Jobs;
using Headway.AspNetCore.OpenAi;
using Headway.AspNetCore.OpenAi.Files;
using Headway.AspNetCore.OpenAi.Responses;
using Headway.AspNetCore.OpenApi;
using Headway.AspNetCore.Reconciliation;
using Headway.AspNetCore.Routing;
using Headway.AspNetCore.Subjects;
using Headway.AspNetCore.Workers;
using Headway.Handlers.Code;
using Headway.Jobs.Running;
using Headway.Workflows;
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
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<HeadwayOptions>, DutyValidation>());
        services.TryAddSingleton(provider => provider.GetRequiredService<IOptions<HeadwayOptions>>().Value.Time);
        services.TryAddSingleton<CodeHandlers>();
        services.TryAddSingleton<WorkflowCode>();
        services.TryAddSingleton<WorkflowEndpoints>();
        services.TryAddSingleton<WorkflowVersionEndpoints>();
        services.TryAddSingleton<SteeringEndpoints>();
        services.TryAddSingleton<EngineHost>();
        services.TryAddSingleton<NodeClock>();
        services.TryAddSingleton<Answers>();
        services.TryAddSingleton<Neighbourhood>();
        services.TryAddSingleton<Guard>();
        services.TryAddSingleton<Attempts>();
        services.TryAddSingleton<Tokens>();
        services.TryAddSingleton<Entrance>();
        services.TryAddSingleton<KeyEndpoints>();
        services.TryAddSingleton<ConsumerEndpoint>();
        services.TryAddSingleton<FeatureEndpoint>();
        services.TryAddSingleton<BulkEndpoint>();
        services.TryAddSingleton<FeatureListEndpoint>();
        services.TryAddSingleton<ChatEndpoint>();
        services.TryAddSingleton<ModelsEndpoint>();
        services.TryAddSingleton<EarlierItems>();
        services.TryAddSingleton<NamedFilesCheck>();
        services.TryAddSingleton<Summaries>();
        services.TryAddSingleton<ResponseInputs>();
        services.TryAddSingleton<ResponseStreams>();
        services.TryAddSingleton<ResponseSockets>();
        services.TryAddSingleton<ResponsesEndpoint>();
        services.TryAddSingleton<CompactEndpoint>();
        services.TryAddSingleton<StoredResponseEndpoints>();
        services.TryAddSingleton<FilesEndpoint>();
        services.TryAddSingleton<JobEndpoints>();
        services.TryAddSingleton<CostEndpoints>();
        services.TryAddSingleton<AuditEndpoints>();
        services.TryAddSingleton<EventEndpoint>();
        services.TryAddSingleton<DeadLetterEndpoints>();
        services.TryAddSingleton<DeliveryEndpoints>();
        services.TryAddSingleton<SocketSeats>();
        services.TryAddSingleton<JobSockets>();
        services.TryAddSingleton<WorkerEndpoints>();
        services.TryAddSingleton<SubjectEndpoints>();
        services.TryAddSingleton<GapEndpoints>();
        services.TryAddSingleton<AlertEndpoints>();
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
        options.Duty = Said(configuration["HEADWAY_DUTY"]);
        options.Pools = Said(configuration["HEADWAY_POOLS"]);
        if (Said(configuration["HEADWAY_PUBLIC_URL"]) is { } url)
        {
            options.PublicUrl = Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
                ? address
                : throw new InvalidOperationException($"HEADWAY_PUBLIC_URL is '{url}', which is no address. Write it like https://ai.example.com.");
        }
        if (Said(configuration["HEADWAY_ALLOWED_HOSTS"]) is { } hosts) options.AllowedHosts = Listening.Split(hosts);
    }

    // An empty variable is how shells and compose files unset one.
    private static string? Said(string? value) => string.IsNullOrWhiteSpace(value) ? null : value;

    /// <summary>Maps the HTTP API: `/v1/…`, `/health/…`, and the paths that features declare for themselves. A node that only works answers `/health/…`.</summary>
    /// <returns>A builder for conventions that hold for every route of Headway, such as rate limits.</returns>
    public static IEndpointConventionBuilder MapHeadway(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var group = endpoints.MapGroup("");
        var routes = new ApiRoutes(group, services.GetRequiredService<Guard>());
        var options = services.GetRequiredService<IOptions<HeadwayOptions>>().Value;
        services.GetRequiredService<HealthEndpoints>().Map(routes);
        if (!NodeDuty.Parse(options.Duty, options.Pools).Api)
        {
            routes.Rest("/v1/{**rest}", static context => ProblemResponse.WriteAsync(context, new Problem(ProblemKind.RouteUnknown, "This node works and takes no calls: send them to one that has the duty api.")));
            return group;
        }
        var features = services.GetRequiredService<FeatureEndpoint>();
        routes.Post("/v1/features/{name}", features.ByNameAsync);
        routes.Post("/v1/features/{name}/jobs", services.GetRequiredService<BulkEndpoint>().SubmitAsync);
        services.GetRequiredService<FeatureListEndpoint>().Map(routes);
        services.GetRequiredService<ChatEndpoint>().Map(routes);
        services.GetRequiredService<ModelsEndpoint>().Map(routes);
        services.GetRequiredService<ResponsesEndpoint>().Map(routes);
        services.GetRequiredService<CompactEndpoint>().Map(routes);
        services.GetRequiredService<StoredResponseEndpoints>().Map(routes);
        services.GetRequiredService<FilesEndpoint>().Map(routes);
        services.GetRequiredService<JobEndpoints>().Map(routes);
        services.GetRequiredService<SteeringEndpoints>().Map(routes);
        services.GetRequiredService<WorkflowEndpoints>().Map(routes);
        services.GetRequiredService<WorkflowVersionEndpoints>().Map(routes);
        services.GetRequiredService<CostEndpoints>().Map(routes);
        services.GetRequiredService<AuditEndpoints>().Map(routes);
        services.GetRequiredService<EventEndpoint>().Map(routes);
        services.GetRequiredService<DeadLetterEndpoints>().Map(routes);
        services.GetRequiredService<DeliveryEndpoints>().Map(routes);
        services.GetRequiredService<JobSockets>().Map(routes);
        services.GetRequiredService<WorkerEndpoints>().Map(routes);
        services.GetRequiredService<SubjectEndpoints>().Map(routes);
        services.GetRequiredService<GapEndpoints>().Map(routes);
        services.GetRequiredService<AlertEndpoints>().Map(routes);
        services.GetRequiredService<KeyEndpoints>().Map(routes);
        services.GetRequiredService<ConsumerEndpoint>().Map(routes);
        ProblemEndpoint.Map(routes);
        routes.Guarded(group.MapOpenApi(), Roles.All);
        routes.Declared(features.ByRouteAsync);
        routes.Rest("/v1/{**rest}", features.ByRouteAsync);
        return group;
    }
}

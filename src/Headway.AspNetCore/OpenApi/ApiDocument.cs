using System.Globalization;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Events;
using Headway.AspNetCore.OpenAi;
using Headway.Client;
using Headway.Features;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace Headway.AspNetCore.OpenApi;

/// <summary>Writes the API into the OpenAPI document: the fixed routes, and the paths that features declare as the feature file is now.</summary>
/// <remarks>The endpoints are plain request delegates, which tell the framework nothing about themselves; <see cref="Operations"/> does.</remarks>
internal sealed class ApiDocument(EngineHost host) : IOpenApiDocumentTransformer
{
    private const string Scheme = "bearer";

    public async Task TransformAsync(OpenApiDocument document, OpenApiDocumentTransformerContext context, CancellationToken cancellationToken)
    {
        document.Info.Title = "Headway";
        document.Info.Description = "AI features behind the contract that fits each. Errors are application/problem+json with a stable `code`, and on the routes of the OpenAI API in its form.";
        document.Paths ??= [];
        document.Components ??= new OpenApiComponents();
        document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
        document.Components.SecuritySchemes[Scheme] = new OpenApiSecurityScheme
        {
            Type = SecuritySchemeType.Http,
            Scheme = "bearer",
            Description = "An API key of this server (`hw_…`), or a JSON Web Token of the issuer it takes. A server that has neither asks nobody, and listens on loopback only.",
        };
        foreach (var operation in Operations.All) await AddAsync(document, operation, context, cancellationToken);
        if (!host.IsRunning) return;
        var call = Operations.All.First();
        foreach (var version in host.Engine.Features.Features.Values.SelectMany(feature => feature.Versions))
        {
            if (version.Route is not null && version.Contract.Mode != Headway.Features.Mode.Batch) await AddAsync(document, Declared(call, version), context, cancellationToken);
        }
    }

    private static ApiOperation Declared(ApiOperation call, FeatureVersion version) => call with
    {
        Path = version.Route!,
        Id = $"call-{version.Feature}-{version.Number}",
        Summary = version.Summary ?? $"Calls {version.FullName} ({Words.Of(version.Contract.Mode)}).",
        Parameters = [.. call.Parameters.Where(parameter => parameter.In != ParameterLocation.Path)],
    };

    private static async Task AddAsync(OpenApiDocument document, ApiOperation operation, OpenApiDocumentTransformerContext context, CancellationToken stop)
    {
        if (!document.Paths.TryGetValue(operation.Path, out var path)) document.Paths[operation.Path] = path = new OpenApiPathItem { Operations = [] };
        var told = new OpenApiOperation
        {
            OperationId = operation.Id,
            Summary = operation.Summary,
            Tags = new HashSet<OpenApiTagReference> { new(operation.Tag, document) },
            Parameters = [.. operation.Parameters.Select(Parameter)],
            Responses = [],
            Security = Operations.IsOpen(operation) ? [] : [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Scheme, document)] = [] }],
        };
        document.Tags ??= new HashSet<OpenApiTag>();
        if (document.Tags.All(tag => tag.Name != operation.Tag)) document.Tags.Add(new OpenApiTag { Name = operation.Tag });
        if (operation.Body.Count > 0) told.RequestBody = new OpenApiRequestBody { Required = operation.Members.Count == 0, Content = operation.Body.ToDictionary(type => type, type => Body(document, operation, type)) };
        if (operation.Record is { } record) told.RequestBody = new OpenApiRequestBody { Required = true, Content = new Dictionary<string, OpenApiMediaType> { [Json.MediaType] = new() { Schema = await SchemaAsync(document, record, context, stop) } } };
        foreach (var answer in operation.Answers) told.Responses[Status(answer.Status)] = await AnswerAsync(document, answer, context, stop);
        var problem = operation.SpeaksOpenAi ? OpenAiSchemas.Of(document, "OpenAiError") : await SchemaAsync(document, typeof(ProblemRecord), context, stop);
        foreach (var (status, description) in Problems(operation)) told.Responses[Status(status)] = ProblemAnswer(description, operation.SpeaksOpenAi ? Json.MediaType : ProblemResponse.MediaType, problem);
        path.Operations![operation.Method] = told;
    }

    private static IEnumerable<(int Status, string Description)> Problems(ApiOperation operation)
    {
        var edge = operation.Problems.Concat(Operations.Always).Concat(Operations.IsOpen(operation) ? [] : Operations.OfCallers).Distinct().Select(kind => operation.SpeaksOpenAi
            ? (Status: OpenAiError.StatusOf(kind), Text: $"`{OpenAiError.CodeOf(kind.Code)}`: {kind.Title}")
            : (kind.Status, Text: $"`{kind.Code}`: {kind.Title}"));
        var engine = operation.EngineProblems.Select(problem => (problem.Status, Text: problem.Codes));
        return edge.Concat(engine).GroupBy(problem => problem.Status).OrderBy(group => group.Key).Select(group => (group.Key, string.Join("; ", group.Select(problem => problem.Text))));
    }

    private static IOpenApiParameter Parameter(ApiParameter parameter) => new OpenApiParameter
    {
        Name = parameter.Name,
        In = parameter.In,
        Description = parameter.Description,
        Required = parameter.Required,
        Schema = new OpenApiSchema { Type = parameter.Type },
    };

    private static OpenApiMediaType Body(OpenApiDocument document, ApiOperation operation, string mediaType) => new()
    {
        Schema = operation.Members.Count > 0 ? Members(operation) : operation.Request is { } name ? OpenAiSchemas.Of(document, name)
            : mediaType == Json.MediaType ? new OpenApiSchema { Description = "The feature's input." } : new OpenApiSchema { Type = JsonSchemaType.String, Format = "binary" },
    };

    private static OpenApiSchema Members(ApiOperation operation) => new()
    {
        Type = JsonSchemaType.Object,
        AdditionalPropertiesAllowed = false,
        Properties = operation.Members.ToDictionary(member => member.Name, member => (IOpenApiSchema)new OpenApiSchema { Type = member.Type, Description = member.Description }),
    };

    private static async Task<OpenApiResponse> AnswerAsync(OpenApiDocument document, ApiAnswer answer, OpenApiDocumentTransformerContext context, CancellationToken stop)
    {
        var response = new OpenApiResponse { Description = answer.Description, Content = new Dictionary<string, OpenApiMediaType>(), Headers = new Dictionary<string, IOpenApiHeader>() };
        foreach (var mediaType in answer.MediaTypes) response.Content[mediaType] = new OpenApiMediaType();
        foreach (var (name, description) in answer.Headers)
            response.Headers[name] = new OpenApiHeader { Description = description, Schema = new OpenApiSchema { Type = JsonSchemaType.String } };
        if (answer.Schema is { } schema) response.Content[Json.MediaType] = new OpenApiMediaType { Schema = OpenAiSchemas.Of(document, schema) };
        if (answer.Event is { } shown) response.Content[EventStream.MediaType] = new OpenApiMediaType { Schema = OpenAiSchemas.Of(document, shown) };
        if (answer.Record is { } record) response.Content[Json.MediaType] = new OpenApiMediaType { Schema = await SchemaAsync(document, record, context, stop) };
        return response;
    }

    private static OpenApiResponse ProblemAnswer(string description, string mediaType, IOpenApiSchema schema) => new()
    {
        Description = description,
        Content = new Dictionary<string, OpenApiMediaType> { [mediaType] = new OpenApiMediaType { Schema = schema } },
    };

    // Named once under components, whatever the number of operations that answer with it.
    private static async Task<IOpenApiSchema> SchemaAsync(OpenApiDocument document, Type record, OpenApiDocumentTransformerContext context, CancellationToken stop)
    {
        var name = record.Name.Replace("Record", "", StringComparison.Ordinal);
        if (document.Components?.Schemas?.ContainsKey(name) is not true) document.AddComponent(name, Strict(await context.GetOrCreateSchemaAsync(record, cancellationToken: stop)));
        return new OpenApiSchemaReference(name, document);
    }

    // The framework describes numbers as its own reader takes them, strings included; our writer only ever writes numbers.
    private static T Strict<T>(T schema) where T : IOpenApiSchema
    {
        const JsonSchemaType Numbers = JsonSchemaType.Integer | JsonSchemaType.Number;
        if (schema is OpenApiSchema { Type: { } type } own && (type & Numbers) != 0) (own.Type, own.Pattern) = (type & ~JsonSchemaType.String, null);
        foreach (var property in schema.Properties?.Values ?? []) Strict(property);
        if (schema.Items is { } items) Strict(items);
        return schema;
    }

    private static string Status(int status) => status.ToString(CultureInfo.InvariantCulture);
}

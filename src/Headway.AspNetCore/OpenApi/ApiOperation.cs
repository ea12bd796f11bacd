using Headway.AspNetCore.Errors;
using Microsoft.OpenApi;

namespace Headway.AspNetCore.OpenApi;

/// <summary>One route as the OpenAPI document tells of it.</summary>
internal sealed record ApiOperation(HttpMethod Method, string Path, string Id, string Tag, string Summary)
{
    public IReadOnlyList<ApiParameter> Parameters { get; init; } = [];

    /// <summary>Media types of the request body; none means that there is no body.</summary>
    public IReadOnlyList<string> Body { get; init; } = [];

    /// <summary>Name of the body's schema in <see cref="OpenAiSchemas"/>; null: it is the input of a feature.</summary>
    public string? Request { get; init; }

    /// <summary>The record of the wire that the body is; null: it is none.</summary>
    public Type? Record { get; init; }

    /// <summary>Members of a body that may be left out; none: the body is the one of <see cref="Request"/> and required. Without a type: any JSON.</summary>
    public IReadOnlyList<(string Name, JsonSchemaType? Type, string Description)> Members { get; init; } = [];

    /// <summary>Whether whatever goes wrong is told in the form of the OpenAI API.</summary>
    public bool SpeaksOpenAi => Tag is "openai" or "files";
    public required IReadOnlyList<ApiAnswer> Answers { get; init; }

    /// <summary>What the edge refuses here; every operation can also meet the problems of <see cref="Operations.Always"/>.</summary>
    public IReadOnlyList<ProblemKind> Problems { get; init; } = [];

    /// <summary>What the engine refuses or fails with here, by status.</summary>
    public IReadOnlyList<(int Status, string Codes)> EngineProblems { get; init; } = [];
}

/// <summary>A value in the path, the query or a header.</summary>
internal sealed record ApiParameter(string Name, ParameterLocation In, string Description, JsonSchemaType Type = JsonSchemaType.String)
{
    public bool Required => In == ParameterLocation.Path;
}

/// <summary>An answer that is no problem.</summary>
/// <param name="Record">The record of the wire it holds; null when it is described by media types alone.</param>
internal sealed record ApiAnswer(int Status, string Description, Type? Record = null)
{
    public IReadOnlyList<string> MediaTypes { get; init; } = [];

    /// <summary>Names in <see cref="OpenAiSchemas"/>: of the JSON it holds, and of each event where it is a stream; null: not told.</summary>
    public string? Schema { get; init; }
    public string? Event { get; init; }
    public IReadOnlyList<(string Name, string Description)> Headers { get; init; } = [];
}

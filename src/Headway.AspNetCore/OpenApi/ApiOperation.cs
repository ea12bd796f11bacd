using Headway.AspNetCore.Errors;
using Microsoft.OpenApi;

namespace Headway.AspNetCore.OpenApi;

/// <summary>One route as the OpenAPI document tells of it.</summary>
internal sealed record ApiOperation(HttpMethod Method, string Path, string Id, string Tag, string Summary)
{
    public IReadOnlyList<ApiParameter> Parameters { get; init; } = [];

    /// <summary>Media types of the request body; none means that there is no body.</summary>
    public IReadOnlyList<string> Body { get; init; } = [];
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
    public IReadOnlyList<(string Name, string Description)> Headers { get; init; } = [];
}

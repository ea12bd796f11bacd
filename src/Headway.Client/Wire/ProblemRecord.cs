using System.Text.Json;
using System.Text.Json.Serialization;

namespace Headway.Client;

/// <summary>A refusal or failure as `application/problem+json` (RFC 9457), with a stable code.</summary>
public sealed record ProblemRecord
{
    /// <summary>URI of the kind of problem. Default `about:blank`.</summary>
    public string? Type { get; init; }

    /// <summary>The kind in a few words.</summary>
    public string? Title { get; init; }

    /// <summary>The HTTP status.</summary>
    public int? Status { get; init; }

    /// <summary>What happened this time, and the cure.</summary>
    public string? Detail { get; init; }

    /// <summary>URI of this occurrence. Absent: none.</summary>
    public string? Instance { get; init; }

    /// <summary>Stable, kebab-case: what programs branch on.</summary>
    public string? Code { get; init; }

    /// <summary>Id of the job that the problem is about. Absent: there is none.</summary>
    public string? Job { get; init; }

    /// <summary>Members beyond these.</summary>
    [JsonExtensionData]
    public IDictionary<string, JsonElement>? More { get; set; }
}

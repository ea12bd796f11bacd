namespace Headway.Models.Failover;

/// <summary>Makes a request fit for a model that takes over and does not know one of its parameters.</summary>
/// <remarks>Only what changes how an answer is made is left out. What changes what the answer is (tools, choices, token probabilities, stop words)
/// is never dropped: the caller would get something else than was asked for, and not know it.</remarks>
internal static class Adaptation
{
    /// <summary>Hints: an answer without them is still an answer to the request.</summary>
    public static readonly IReadOnlySet<string> Hints = new HashSet<string>(StringComparer.Ordinal)
    {
        "temperature", "top_p", "top_k", "seed", "frequency_penalty", "presence_penalty", "user", "metadata", "store", "service_tier", "reasoning_effort", "reasoning",
        "verbosity", "prediction", "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "stream_options",
    };

    /// <summary>The same limit by its two names: servers know one or the other.</summary>
    private static readonly Dictionary<string, string> OtherNames = new(StringComparer.Ordinal)
    {
        ["max_tokens"] = "max_completion_tokens",
        ["max_completion_tokens"] = "max_tokens",
    };

    /// <summary>The request without the parameter, or null if it would ask for something else then.</summary>
    public static ModelRequest? Without(ModelRequest request, string parameter)
    {
        var name = parameter.Split('.', '[')[0];
        if (OtherNames.TryGetValue(name, out var other)) return request.MaxTokens is { } most ? Renamed(request, name, other, most) : null;
        if (!request.Body.ContainsKey(name)) return null;
        return Hints.Contains(name) ? Copy(request, name) : null;
    }

    private static ModelRequest Copy(ModelRequest request, string without)
    {
        var body = request.Body.DeepClone().AsObject();
        body.Remove(without);
        return request with { Body = body };
    }

    // Already under the other name: neither is known.
    private static ModelRequest? Renamed(ModelRequest request, string name, string other, int most)
    {
        if (request.Body.ContainsKey(other)) return null;
        var renamed = Copy(request, name);
        renamed.Body[other] = most;
        return renamed;
    }
}

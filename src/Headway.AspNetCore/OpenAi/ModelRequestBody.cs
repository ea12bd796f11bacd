using System.Text.Json;
using Headway.Access;
using Headway.AspNetCore.Access;
using Headway.AspNetCore.Errors;
using Headway.AspNetCore.Features;
using Headway.Features;
using Microsoft.AspNetCore.Http;

namespace Headway.AspNetCore.OpenAi;

/// <summary>The body of a request of the OpenAI API: as it came, and what of it says where it goes and how its answer is wanted.</summary>
internal sealed record ModelRequestBody(ReadOnlyMemory<byte> Json, FeatureVersion Version, Feature Feature)
{
    public bool Stream { get; private init; }

    /// <summary>`stream_options.include_usage`.</summary>
    public bool IncludeUsage { get; private init; }

    /// <summary>Reads the body as far as the largest input of any feature goes, finds whom it is for, and holds it against that one's own limit.</summary>
    public static async ValueTask<(Problem? Problem, ModelRequestBody? Body, FeatureVersion? Version)> ReadAsync(HttpContext context, FeatureFile file)
    {
        var request = context.Request;
        if (!IsJson(request.ContentType))
            return (new Problem(ProblemKind.MediaTypeUnsupported, $"Send application/json in UTF-8, not {Phrases.Quote(request.ContentType ?? "nothing")}."), null, null);
        var most = MostOf(file);
        var (problem, json) = await JsonBody.ReadAsync(request, most, () => new Problem(ProblemKind.InputTooLarge, $"No model or feature takes a body of more than {most} bytes."));
        if (problem is not null) return (problem, null, null);
        var (wrong, body) = Parse(json, file, Callers.Of(context), out var version);
        return (wrong, body, version);
    }

    /// <summary>The largest input that any model or feature takes.</summary>
    public static long MostOf(FeatureFile file) => file.Features.Values.SelectMany(feature => feature.Versions).Select(version => version.MaxInput).DefaultIfEmpty().Max();

    /// <summary>Of a body that is JSON.</summary>
    public static (Problem? Problem, ModelRequestBody? Body) Parse(ReadOnlyMemory<byte> json, FeatureFile file, Caller caller, out FeatureVersion? version)
    {
        version = null;
        if (JsonBody.Parse(json, out var document) is { } malformed) return (malformed, null);
        using var parsed = document!;
        var root = parsed.RootElement;
        if (root.ValueKind is not JsonValueKind.Object) return (new Problem(ProblemKind.InputInvalid, "The body must be a JSON object."), null);
        if (!root.TryGetProperty("model", out var model) || model.ValueKind is not JsonValueKind.String || model.GetString() is not { Length: > 0 } name)
            return (new Problem(ProblemKind.InputInvalid, "`model` must name a model or a feature. GET /v1/models lists them.") { Param = "model" }, null);
        if (FeatureLookup.Find(file, name, out version) is { } unknown) return (unknown with { Param = "model" }, null);
        if (KeyScope.Judge(caller, version!.Feature) is { } forbidden) return (forbidden with { Param = "model" }, null);
        if (json.Length > version.MaxInput) return (InputBody.TooLarge(version), null);
        if (FlagOf(root, "stream", out var stream) is { } wrong) return (wrong, null);
        var usage = false;
        if (root.TryGetProperty("stream_options", out var options) && options.ValueKind is JsonValueKind.Object && FlagOf(options, "include_usage", out usage) is { } broken) return (broken, null);
        return (null, new ModelRequestBody(json, version, file.Features[version.Feature]) { Stream = stream, IncludeUsage = usage });
    }

    private static Problem? FlagOf(JsonElement of, string name, out bool flag)
    {
        flag = false;
        if (!of.TryGetProperty(name, out var value) || value.ValueKind is JsonValueKind.Null or JsonValueKind.False) return null;
        flag = value.ValueKind is JsonValueKind.True;
        return flag ? null : new Problem(ProblemKind.InputInvalid, $"`{name}` must be true or false.") { Param = name };
    }

    private static bool IsJson(string? contentType) => contentType is "application/json"
        || (Microsoft.Net.Http.Headers.MediaTypeHeaderValue.TryParse(contentType, out var type) && InputBody.IsJson(type));
}

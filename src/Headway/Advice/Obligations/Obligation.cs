using Headway.Features;

namespace Headway.Advice.Obligations;

/// <summary>Something a contract owes because of its mode, its data or its consumer.</summary>
internal abstract class Obligation
{
    /// <summary>What is owed, for the table in docs/decision-rule.md.</summary>
    public abstract string Owes { get; }

    /// <summary>The codes of its findings.</summary>
    public abstract IReadOnlyList<string> Codes { get; }

    /// <summary>What of it is missing.</summary>
    public abstract IEnumerable<Finding> Missing(FeatureVersion version, FeatureFile file);

    protected static Finding Error(FeatureVersion version, string code, string message, params ReadOnlySpan<string> paths) =>
        Finding.Error(code, $"{version.FullName}: {message}", version.PlaceOf(paths), version.Feature);

    protected static Finding Warning(FeatureVersion version, string code, string message, params ReadOnlySpan<string> paths) =>
        Finding.Warning(code, $"{version.FullName}: {message}", version.PlaceOf(paths), version.Feature);

    /// <summary>The models a handler may send its input to, every fallback included. Unknown ones were reported by the reader.</summary>
    protected static IEnumerable<ModelDefinition> ModelsOf(FeatureVersion version, FeatureFile file)
    {
        var names = version.Handler switch
        {
            PromptDefinition prompt => prompt.Models,
            ModelHandlerDefinition exposed => [exposed.Model],
            StepsDefinition steps => steps.Models,
            _ => [],
        };
        return names.Where(file.Models.ContainsKey).Select(name => file.Models[name]);
    }

    protected static IEnumerable<HttpDefinition> ServicesOf(FeatureVersion version) => version.Handler switch
    {
        HttpDefinition http => [http],
        StepsDefinition steps => steps.Services,
        _ => [],
    };

    /// <summary>The tool servers its model may call.</summary>
    protected static IEnumerable<ToolServerDefinition> ToolServersOf(FeatureVersion version, FeatureFile file)
    {
        IEnumerable<PromptDefinition> prompts = version.Handler switch { PromptDefinition prompt => [prompt], StepsDefinition steps => steps.Prompts, _ => [] };
        return prompts.SelectMany(prompt => prompt.Tools).Select(name => ToolName.Of(name).Server).Distinct().Where(file.ToolServers.ContainsKey).Select(name => file.ToolServers[name]);
    }

    /// <summary>The endpoints its results are delivered to.</summary>
    protected static IEnumerable<EndpointDefinition> EndpointsOf(FeatureVersion version, FeatureFile file) => version.Delivery
        .Where(channel => channel.Endpoint is not null && file.Endpoints.ContainsKey(channel.Endpoint))
        .Select(channel => file.Endpoints[channel.Endpoint!]);
}

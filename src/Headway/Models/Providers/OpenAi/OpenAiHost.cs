using System.Net.Http.Headers;
using Headway.Features;

namespace Headway.Models.Providers.OpenAi;

/// <summary>Who serves the OpenAI API: what differs is the address and how the key is shown, and nothing else.</summary>
internal sealed record OpenAiHost
{
    private const string AzureRoot = "/openai";
    private const string AzureV1 = "/openai/v1";

    /// <summary>For a model that names no baseUrl.</summary>
    private static readonly Uri Home = new("https://api.openai.com/v1");

    /// <summary>OpenAI itself, and every server that speaks as it does.</summary>
    public static readonly OpenAiHost OpenAi = new()
    {
        Name = "openai",
        Address = static (model, call) => new Uri($"{Root(model)}/{call}"),
        KeyHeader = "Authorization",
        KeyPrefix = "Bearer ",
        TokenLimit = static model => IsModern((model.BaseUrl ?? Home).Host) ? "max_completion_tokens" : "max_tokens",
    };

    /// <summary>Azure OpenAI: by its v1 API, or by deployment where a dated version is named.</summary>
    /// <remarks>Source: learn.microsoft.com/azure/ai-foundry/openai/reference and …/api-version-lifecycle.</remarks>
    public static readonly OpenAiHost Azure = new()
    {
        Name = "azure",
        Address = static (model, call) => new Uri(model.ApiVersion is { } version
            ? $"{Resource(model)}{AzureRoot}/deployments/{Uri.EscapeDataString(model.Model ?? model.Name)}/{call}?api-version={Uri.EscapeDataString(version)}"
            : $"{Resource(model)}{AzureV1}/{call}"),
        KeyHeader = "api-key",
        TokenLimit = static _ => "max_completion_tokens",
    };

    /// <summary>As the feature file names the provider.</summary>
    public required string Name { get; init; }

    /// <summary>Where a call such as `chat/completions` of a model goes.</summary>
    public required Func<ModelDefinition, string, Uri> Address { get; init; }

    /// <summary>The name that the server knows the limit of tokens by: OpenAI refuses the old one for its reasoning models, most other servers know only that.</summary>
    public required Func<ModelDefinition, string> TokenLimit { get; init; }

    private string KeyHeader { get; init; } = "";
    private string KeyPrefix { get; init; } = "";

    /// <summary>Shows the key, unless a declared header already does.</summary>
    public void Authenticate(HttpRequestHeaders headers, ModelDefinition model)
    {
        if (model.ApiKey is { Length: > 0 } key && !headers.Contains(KeyHeader))
            headers.TryAddWithoutValidation(KeyHeader, KeyPrefix + key);
    }

    private static string Root(ModelDefinition model) => (model.BaseUrl ?? Home).AbsoluteUri.TrimEnd('/');

    /// <summary>The address of the resource, also where the address of its API was written, as the SDKs want it.</summary>
    private static string Resource(ModelDefinition model)
    {
        var root = Root(model);
        foreach (var end in new[] { AzureV1, AzureRoot })
        {
            if (root.EndsWith(end, StringComparison.OrdinalIgnoreCase))
                return root[..^end.Length];
        }

        return root;
    }

    private static bool IsModern(string host) => host.EndsWith("openai.com", StringComparison.OrdinalIgnoreCase) || host.EndsWith("azure.com", StringComparison.OrdinalIgnoreCase);
}

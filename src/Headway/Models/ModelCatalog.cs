using Headway.Features;
using Headway.Models.Providers.OpenAi;
using Headway.Models.Providers.Rehearsal;
using Microsoft.Extensions.Logging;

namespace Headway.Models;

/// <summary>The models of the feature file as it is now, and the providers that talk to them.</summary>
/// <remarks>Models are looked up when they are called, not when a job is accepted: a new key or price counts from the next call on.</remarks>
internal sealed class ModelCatalog : IDisposable
{
    private readonly Func<IReadOnlyDictionary<string, ModelDefinition>> _models;
    private readonly Dictionary<string, Provider> _providers;
    private readonly HttpMessageInvoker _http;

    /// <param name="models">The models by name, as the feature file has them at the moment of the call.</param>
    public ModelCatalog(Func<IReadOnlyDictionary<string, ModelDefinition>> models, TimeProvider time, ILoggerFactory logs)
    {
        _models = models;
        Time = time;
        Logger = logs.CreateLogger("Headway.Models");
        _http = new HttpMessageInvoker(ModelConnections.Handler());
        _providers = new Provider[]
        {
            new OpenAiProvider(_http, time, OpenAiHost.OpenAi),
            new OpenAiProvider(_http, time, OpenAiHost.Azure),
            new RehearsalProvider(time),
        }.ToDictionary(provider => provider.Name);
    }

    public TimeProvider Time { get; }
    public ILogger Logger { get; }

    /// <summary>Null: the file has no such model now.</summary>
    public ModelDefinition? Find(string name) => _models().GetValueOrDefault(name);

    /// <summary>Null: no provider of this name.</summary>
    public Provider? ProviderOf(ModelDefinition model) => _providers.GetValueOrDefault(model.Provider);

    public void Dispose() => _http.Dispose();
}

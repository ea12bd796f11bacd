using System.Collections.Concurrent;
using Headway.Features;
using Headway.Models.Failover;
using Headway.Models.Limits;
using Headway.Models.Providers.Anthropic;
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
    private readonly ConcurrentDictionary<string, (ModelAddress Address, ModelHealth Health)> _health = new(StringComparer.Ordinal);

    /// <param name="models">The models by name, as the feature file has them at the moment of the call.</param>
    /// <param name="random">For the jitter of pauses; safe to be used by many at once.</param>
    public ModelCatalog(Func<IReadOnlyDictionary<string, ModelDefinition>> models, TimeProvider time, Random random, ILoggerFactory logs)
    {
        _models = models;
        (Time, Random) = (time, random);
        Logger = logs.CreateLogger("Headway.Models");
        _http = new HttpMessageInvoker(ModelConnections.Handler());
        _providers = new Provider[]
        {
            new OpenAiProvider(_http, time, OpenAiHost.OpenAi),
            new OpenAiProvider(_http, time, OpenAiHost.Azure),
            new AnthropicProvider(_http, time),
            new RehearsalProvider(time),
        }.ToDictionary(provider => provider.Name);
    }

    public TimeProvider Time { get; }
    public Random Random { get; }
    public ILogger Logger { get; }

    /// <summary>Hold the limits of models. Null: none are held (no database).</summary>
    public ModelGates? Gates { get; init; }

    /// <summary>Null: the file has no such model now.</summary>
    public ModelDefinition? Find(string name) => _models().GetValueOrDefault(name);

    /// <summary>Null: no provider of this name.</summary>
    public Provider? ProviderOf(ModelDefinition model) => _providers.GetValueOrDefault(model.Provider);

    /// <summary>What is known of the model's health in this process; it begins anew when the file names another address or key for it.</summary>
    public ModelHealth HealthOf(ModelDefinition model)
    {
        var address = new ModelAddress(model.Provider, model.BaseUrl, model.ApiVersion, model.Model, model.ApiKey);
        if (_health.TryGetValue(model.Name, out var known) && known.Address == address) return known.Health;
        return _health.AddOrUpdate(
            model.Name, static (_, item) => (item.Address, new ModelHealth(item.Time)),
            static (_, old, item) => old.Address == item.Address ? old : (item.Address, new ModelHealth(item.Time)), (Address: address, Time)).Health;
    }

    public void Dispose()
    {
        Gates?.Dispose();
        _http.Dispose();
    }

    private readonly record struct ModelAddress(string Provider, Uri? BaseUrl, string? ApiVersion, string? Model, string? ApiKey);
}

using System.Collections.Concurrent;
using Headway.Features;
using Headway.Storage;

namespace Headway.Models.Limits;

/// <summary>The gates of this node, one for each model that has limits.</summary>
/// <param name="lease">The number under which this node lives.</param>
/// <param name="limits">Of a model, as the feature file has them now; null: it has no such model.</param>
internal sealed class ModelGates(Database database, Func<long> lease, Func<string, ModelLimits?> limits) : IDisposable
{
    private static readonly ModelLimits None = new();

    private readonly ConcurrentDictionary<string, ModelGate> _gates = new(StringComparer.Ordinal);
    private readonly Lock _adding = new();

    /// <summary>Null: the model has no limits, and nothing is asked.</summary>
    public ModelGate? For(ModelDefinition model) => model.Limits.IsNone ? null : _gates.TryGetValue(model.Name, out var gate) ? gate : Add(model.Name);

    /// <summary>Limits may have changed: who may go now goes.</summary>
    public void Look()
    {
        foreach (var gate in _gates.Values) gate.Look();
    }

    /// <summary>Gives back what this node does not need any more. No call is open, and none comes.</summary>
    public async Task SettleAsync()
    {
        foreach (var gate in _gates.Values) await gate.SettleAsync().ConfigureAwait(false);
    }

    public void Dispose()
    {
        foreach (var gate in _gates.Values) gate.Dispose();
    }

    private ModelGate Add(string model)
    {
        lock (_adding) return _gates.GetOrAdd(model, name => new ModelGate(name, database, lease, () => limits(name) ?? None));
    }
}

using System.Globalization;
using Headway.Features;

namespace Headway.Caching;

/// <summary>What the models behind the names of a handler are now. A definition pins names only, so that a new model behind an old name must be seen here.</summary>
/// <remarks>Limits, timeouts, prices and the key of the provider decide no answer. What data a model may see is among the rest: who may no longer see it must not be quoted either.</remarks>
internal static class ModelPrint
{
    private static readonly byte[] NoModels = [];

    public static byte[] Of(HandlerDefinition handler, IReadOnlyDictionary<string, ModelDefinition> models)
    {
        IReadOnlyList<string> names = handler switch
        {
            PromptDefinition prompt => prompt.Models,
            ModelHandlerDefinition exposed => [exposed.Model],
            _ => [],
        };
        if (names.Count == 0) return NoModels;
        using var hash = new PartHash();
        foreach (var name in names)
        {
            hash.Add(name);
            if (models.GetValueOrDefault(name) is { } model) Add(hash, model);
        }
        return hash.Take();
    }

    private static void Add(PartHash hash, ModelDefinition model)
    {
        hash.Add(model.Provider).Add(model.Kind.ToString()).Add(model.BaseUrl?.AbsoluteUri).Add(model.ApiVersion).Add(model.Model).Add(string.Join(',', model.AllowedData.Order()))
            .Add(model.Rehearsal is { } rehearsal ? string.Create(CultureInfo.InvariantCulture, $"{rehearsal.Seed} {rehearsal.Dimensions}") : null);
        foreach (var (name, value) in model.Headers.OrderBy(header => header.Key, StringComparer.Ordinal)) hash.Add(name).Add(value);
    }
}

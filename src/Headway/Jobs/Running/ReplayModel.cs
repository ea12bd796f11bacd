using Headway.Features;
using Headway.Jobs.Accepting;

namespace Headway.Jobs.Running;

/// <summary>A replay may ask another model than the definition names: for a prompt in the place of its whole chain, for an exposed model in its own.</summary>
internal static class ReplayModel
{
    /// <summary>The version as this replay runs it. Its definition is its own, so that no other job is given its handler.</summary>
    public static FeatureVersion Of(FeatureVersion version, string? model) => (version.Handler, model) switch
    {
        (_, null) => version,
        (PromptDefinition prompt, _) => FeatureDefinition.Seal(version with { Handler = prompt with { Models = [model] } }),
        (ModelHandlerDefinition, _) => FeatureDefinition.Seal(version with { Handler = new ModelHandlerDefinition(model) }),
        _ => version,
    };

    /// <summary>Null: the model may be asked by jobs of this version.</summary>
    public static Refusal? Refuse(FeatureVersion version, string name, FeatureFile file)
    {
        if (version.Handler is not (PromptDefinition or ModelHandlerDefinition))
            return new Refusal(RefusalKind.Invalid, "replay-model-forbidden", $"{version.FullName} is no prompt and no exposed model: its work names its models itself. Replay it without `model`.");
        if (!file.Models.TryGetValue(name, out var model))
            return new Refusal(RefusalKind.Invalid, "replay-model-unknown", $"The feature file has no model '{name}'. It has {string.Join(", ", file.Models.Keys.Order(StringComparer.Ordinal))}.");
        if (!model.AllowedData.Contains(version.Contract.Data))
            return new Refusal(RefusalKind.Invalid, "replay-model-data", $"'{name}' may not see {Words.Of(version.Contract.Data)} data, which {version.FullName} has. Name a model whose `allowedData` covers it.");
        var kind = version.Handler is ModelHandlerDefinition exposed && file.Models.TryGetValue(exposed.Model, out var own) ? own.Kind : ModelKind.Chat;
        return model.Kind == kind ? null
            : new Refusal(RefusalKind.Invalid, "replay-model-kind", $"'{name}' is of kind {Words.Of(model.Kind)}, and {version.FullName} needs one of kind {Words.Of(kind)}.");
    }
}

using Headway.Features;

namespace Headway.Advice.Obligations;

internal sealed class SyncFallback : Obligation
{
    public override string Owes => "sync: a second model, or an explicit `fallback: none`";
    public override IReadOnlyList<string> Codes => ["sync-fallback"];

    // A warning: one model that fails is visible to the caller at once, which is what sync promises.
    public override IEnumerable<Finding> Missing(FeatureVersion version, FeatureFile file)
    {
        if (version is { Contract.Mode: Mode.Sync, NoFallback: false, Handler: PromptDefinition { Models.Count: 1 } prompt })
        {
            yield return Warning(version, "sync-fallback",
                $"when {prompt.Models[0]} fails the caller fails; name a second model, or say `fallback: none`.", "handler.models", "handler");
        }
    }
}

using Headway.Features;

namespace Headway.Advice.Obligations;

internal sealed class SyncForService : Obligation
{
    public override string Owes => "sync: no service as consumer, for it will be hard to take back";
    public override IReadOnlyList<string> Codes => ["sync-service"];

    public override IEnumerable<Finding> Missing(FeatureVersion version, FeatureFile file)
    {
        if (version.Contract is { Mode: Mode.Sync, Consumer: Consumer.Service })
        {
            yield return Warning(version, "sync-service",
                "a service that consumes a sync answer builds on its latency, and that is hard to take back; consider hybrid before it does.",
                "contract.consumer", "contract.mode");
        }
    }
}

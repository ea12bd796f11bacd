using Headway.Features;

namespace Headway.Advice.Obligations;

internal sealed class BurstyTraffic : Obligation
{
    public override string Owes => "sync: steady traffic, for it must be provisioned for the peak";
    public override IReadOnlyList<string> Codes => ["bursty-sync"];

    public override IEnumerable<Finding> Missing(FeatureVersion version, FeatureFile file)
    {
        if (version.Contract is { Mode: Mode.Sync, Traffic: Traffic.Bursty })
        {
            yield return Warning(version, "bursty-sync",
                "bursty traffic on a sync contract is served at the price of its peak, or refused at it; hybrid absorbs bursts.", "contract.traffic", "contract.mode");
        }
    }
}

using Headway.Features;

namespace Headway.Advice.Obligations;

internal sealed class SensitiveDataExpires : Obligation
{
    public override string Owes => "data personal or phi: retention is set";
    public override IReadOnlyList<string> Codes => ["data-retention"];

    public override IEnumerable<Finding> Missing(FeatureVersion version, FeatureFile file)
    {
        if (version.Contract.IsSensitive && version.Handler is not ModelHandlerDefinition && !version.Places.ContainsKey("retention.payload"))
        {
            yield return Error(version, "data-retention",
                $"nobody said how long its {Words.Of(version.Contract.Data)} data is kept; set `retention` here or under `defaults`.", "contract.data", "contract.mode");
        }
    }
}

using Headway.Features;

namespace Headway.Advice.Obligations;

internal sealed class SyncTimeout : Obligation
{
    private const double Slack = 1.5;

    public override string Owes => "sync: a hard timeout no longer than 1.5 x acceptableWait";
    public override IReadOnlyList<string> Codes => ["sync-timeout", "sync-wait-missing"];

    public override IEnumerable<Finding> Missing(FeatureVersion version, FeatureFile file)
    {
        if (version.Contract.Mode is not Mode.Sync || version.Handler is ModelHandlerDefinition)
            yield break;

        if (version.Contract.AcceptableWaitOrDefault is not { } wait)
        {
            yield return Warning(version, "sync-wait-missing",
                "nobody said how long the caller may wait; add `audience` or `acceptableWait` to the contract.", "contract.mode");
        }
        else if (version.Timeout > wait * Slack)
        {
            yield return Error(version, "sync-timeout",
                $"the timeout {Duration.Say(version.Timeout)} lets a caller who accepts {Duration.Say(wait)} wait longer than {Slack} times that; "
                + $"at most {Duration.Write(wait * Slack)}.", "timeout", "contract.acceptableWait", "contract.mode");
        }
    }
}

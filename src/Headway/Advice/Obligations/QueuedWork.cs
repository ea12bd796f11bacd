using Headway.Features;

namespace Headway.Advice.Obligations;

internal sealed class QueuedWork : Obligation
{
    public override string Owes => "async, hybrid: a retry policy, `deliverWithin`, and at least one delivery channel; a webhook has a secret";
    public override IReadOnlyList<string> Codes => ["retry-missing", "deliver-within-missing", "webhook-secret"];

    public override IEnumerable<Finding> Missing(FeatureVersion version, FeatureFile file)
    {
        var mode = version.Contract.Mode;
        if (mode is not (Mode.Async or Mode.Hybrid))
            yield break;

        if (version.Retry.Attempts < 2)
            yield return Error(version, "retry-missing", $"one attempt is no retry policy; {Words.Of(mode)} owes at least 2.", "retry.attempts", "contract.mode");
        if (version.Contract.DeliverWithin is null)
        {
            yield return Error(version, "deliver-within-missing",
                $"{Words.Of(mode)} owes `deliverWithin`: without it nobody can say that a result is late.", "contract.mode");
        }

        foreach (var endpoint in EndpointsOf(version, file).Where(endpoint => endpoint.Secrets.Count == 0))
        {
            yield return Finding.Error("webhook-secret",
                $"endpoints.{endpoint.Name}: {version.FullName} delivers to it, so it needs a `secret` to sign with.", endpoint.Place, version.Feature);
        }
    }
}

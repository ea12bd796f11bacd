using Headway.Features;

namespace Headway.Advice.Obligations;

internal sealed class StreamLimits : Obligation
{
    public override string Owes => "stream: first-token and idle limits that strike before the timeout";
    public override IReadOnlyList<string> Codes => ["stream-limits"];

    public override IEnumerable<Finding> Missing(FeatureVersion version, FeatureFile file)
    {
        if (version.Contract.Mode is not Mode.Stream)
            yield break;

        foreach (var model in ModelsOf(version, file))
        {
            foreach (var (name, limit) in new[] { ("firstToken", model.Timeouts.FirstToken), ("idle", model.Timeouts.Idle) })
            {
                if (limit >= version.Timeout)
                {
                    yield return Warning(version, "stream-limits",
                        $"the {name} limit {Duration.Say(limit)} of the model {model.Name} never strikes before the timeout {Duration.Say(version.Timeout)}; "
                        + $"set models.{model.Name}.timeouts.{name} below it.", "timeout", "contract.mode");
                }
            }
        }
    }
}

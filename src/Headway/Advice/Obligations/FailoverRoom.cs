using Headway.Features;

namespace Headway.Advice.Obligations;

internal sealed class FailoverRoom : Obligation
{
    public override string Owes => "several models: a first-token limit of at most half of the timeout, or it is cut to that";
    public override IReadOnlyList<string> Codes => ["failover-room"];

    // A limit that nobody declared is not one that anybody could be wrong about: it is shortened without a word.
    private static readonly TimeSpan Undeclared = new ModelTimeouts().FirstToken;

    public override IEnumerable<Finding> Missing(FeatureVersion version, FeatureFile file)
    {
        // A first-token limit that never strikes at all is told by StreamLimits.
        foreach (var model in ModelsOf(version, file).SkipLast(1))
        {
            var limit = model.Timeouts.FirstToken;
            if (limit != Undeclared && limit > version.Timeout / 2 && !(version.Contract.Mode is Mode.Stream && limit >= version.Timeout))
            {
                yield return Warning(version, "failover-room",
                    $"the model {model.Name} may keep silent for {Duration.Say(limit)}, and the timeout is {Duration.Say(version.Timeout)}: it is given up after {Duration.Say(version.Timeout / 2)}, so that the next model can answer; "
                    + $"set models.{model.Name}.timeouts.firstToken to at most that, or raise the timeout.", "timeout", "handler.models", "handler");
            }
        }
    }
}

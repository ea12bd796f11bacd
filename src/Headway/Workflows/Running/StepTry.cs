using Headway.Handlers;
using Headway.Jobs.Running;
using Headway.Workflows.History;

namespace Headway.Workflows.Running;

/// <summary>One try of a step, for work that wants to know.</summary>
/// <param name="Attempt">At the job.</param>
/// <param name="Tally">What became of the tries before.</param>
internal sealed record StepTry(Attempt Attempt, StepKey Key, Tally Tally)
{
    /// <summary>1 for the first.</summary>
    public int Number => Tally.OfStrength + Tally.RateLimited + 1;
}

/// <summary>A step ended otherwise than with a result, as a handler says it: failed, or not yet.</summary>
internal sealed class StepEndedException(Outcome outcome) : Exception
{
    public Outcome Outcome => outcome;
}

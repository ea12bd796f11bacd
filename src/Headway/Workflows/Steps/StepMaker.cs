using Headway.Features;
using Headway.Handlers;

namespace Headway.Workflows.Steps;

/// <summary>Makes steps ready of what the feature file says.</summary>
internal sealed class StepMaker(FeatureVersion version, Func<FeatureVersion, Handler> handlers)
{
    public IReadOnlyList<RunnableStep> Of(IReadOnlyList<StepDefinition> steps) => [.. steps.Select(Of)];

    private RunnableStep Of(StepDefinition step) => step switch
    {
        WorkStep work => Of(work),
        SignalStep signal => new RunnableSignal(signal, Of(signal.Instead)),
        DelayStep delay => new RunnableDelay(delay),
        BranchesStep branches => new RunnableBranches(branches, [.. branches.Branches.Select(branch => (branch.Name, Of(branch.Steps)))]),
        WhenStep fork => new RunnableWhen(fork, Of(fork.Then), Of(fork.Otherwise)),
        _ => throw new ArgumentException($"The step {step.Path} is a {step.GetType().Name}, which nobody can do.", nameof(step)),
    };

    private RunnableWork Of(WorkStep step)
    {
        if (step.Handler is null) return new RunnableCall(step);
        // The shape that the contract promises is that of the whole, not of each step.
        var part = version with { Handler = step.Handler, Contract = version.Contract with { Output = null }, DefinitionHash = [] };
        return new RunnableHandler(step, part, handlers(part));
    }
}

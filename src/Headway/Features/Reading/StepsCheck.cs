namespace Headway.Features.Reading;

/// <summary>What the steps of a workflow must not say against the rest of the file.</summary>
internal static class StepsCheck
{
    public static void Run(FeatureFile file, List<Finding> findings)
    {
        foreach (var version in file.Features.Values.SelectMany(feature => feature.Versions))
        {
            if (version.Handler is not StepsDefinition steps) continue;
            foreach (var step in steps.All.OfType<WorkStep>().Where(step => step.Feature is not null)) CheckCall(version, step, file, findings);
            foreach (var step in steps.All.OfType<WorkStep>()) CheckWork(version, step, findings);
            foreach (var step in steps.All.OfType<SignalStep>()) CheckSignal(version, step, findings);
            CheckContract(version, steps, findings);
        }
    }

    private static void CheckCall(FeatureVersion version, WorkStep step, FeatureFile file, List<Finding> findings)
    {
        if (file.Features.GetValueOrDefault(step.Feature!) is not { Latest: var called }) return;
        if (called.Contract.Mode is not (Mode.Async or Mode.Hybrid))
            findings.Add(Error("step-feature-mode", $"the step '{step.Name}' calls {called.Feature}, which is {Words.Of(called.Contract.Mode)}; a workflow calls async and hybrid features, whose answers it can wait for. Give it one of these modes.", version, step));
        if (Way(called, version.Feature, file, []) is { } way)
            findings.Add(Error("step-cycle", $"the step '{step.Name}' calls a feature that comes back to this one: {version.Feature}, {string.Join(", ", way)}. Take one of the calls out, or no job of them ever ends.", version, step));
    }

    /// <summary>The features that are called one by the other until it is <paramref name="back"/>; null: it is not reached.</summary>
    private static IReadOnlyList<string>? Way(FeatureVersion from, string back, FeatureFile file, HashSet<string> seen)
    {
        if (from.Feature == back) return [back];
        if (!seen.Add(from.Feature) || from.Handler is not StepsDefinition steps) return null;
        foreach (var name in steps.Features)
        {
            if (file.Features.GetValueOrDefault(name) is { } next && Way(next.Latest, back, file, seen) is { } way) return [from.Feature, .. way];
        }

        return null;
    }

    private static void CheckWork(FeatureVersion version, WorkStep step, List<Finding> findings)
    {
        if (step.Handler is PromptDefinition prompt && prompt.Models.GroupBy(model => model).FirstOrDefault(group => group.Count() > 1) is { } twice)
            findings.Add(Error("value-invalid", $"the step '{step.Name}': the model {twice.Key} is named twice; failing over to what just failed helps nobody.", version, step));
        if (step.Handler is HttpDefinition { Group: { } group } && group.Within >= version.Timeout)
            findings.Add(Error("value-invalid", $"the step '{step.Name}': a call may wait {Duration.Say(group.Within)} for its group, and an attempt ends after {Duration.Say(version.Timeout)}; lower group.within.", version, step));
    }

    private static void CheckSignal(FeatureVersion version, SignalStep step, List<Finding> findings)
    {
        var what = step.IsApproval ? "approval" : "signal";
        if (step.Within is null && version.Contract.DeliverWithin is null)
            findings.Add(Warning("signal-unbounded", $"the step '{step.Name}' waits for its {what} as long as the job lives, and nothing bounds that; say `within`, or `deliverWithin` in the contract.", version, step));
        if (step.Within is { } within && version.Contract.DeliverWithin is { } promised && within > promised)
            findings.Add(Warning("signal-late", $"the step '{step.Name}' may wait {Duration.Say(within)} for its {what}, and the contract promises the result within {Duration.Say(promised)}; lower one, or raise the other.", version, step));
    }

    private static void CheckContract(FeatureVersion version, StepsDefinition steps, List<Finding> findings)
    {
        var all = steps.All.ToList();
        if (version.Contract.Steps < all.Count)
            findings.Add(Finding.Warning("contract-steps", $"{version.FullName}: the contract says {version.Contract.Steps} steps, and there are {all.Count} (those of `each` count for every item); correct it, the decision rule goes by it.", version.PlaceOf("contract.steps"), version.Feature));
        if (version.Contract.Approval && !all.Exists(step => step is SignalStep) && steps.Features.Count == 0)
            findings.Add(Finding.Warning("contract-approval", $"{version.FullName}: the contract says that a person approves, and no step waits for one; add an `approval` step, or take `approval` out.", version.PlaceOf("contract.approval"), version.Feature));
    }

    private static Finding Error(string code, string message, FeatureVersion version, StepDefinition step) => Finding.Error(code, $"{version.FullName}: {message}", step.Place, version.Feature);

    private static Finding Warning(string code, string message, FeatureVersion version, StepDefinition step) => Finding.Warning(code, $"{version.FullName}: {message}", step.Place, version.Feature);
}

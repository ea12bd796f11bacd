using Headway.Features;

namespace Headway.Workflows;

/// <summary>Which contracts a workflow can keep: one whose caller waits inline cannot wait with it, and what people decided for one is no answer for another.</summary>
internal static class WorkflowModes
{
    /// <summary>What of the file cannot be, one sentence each.</summary>
    public static IReadOnlyList<string> Wrong(FeatureFile file, WorkflowCode code) =>
        [.. from feature in file.Features.Values
            from version in feature.Versions
            where version.Handler is CodeDefinition && code.Find(version.Feature) is not null
            from wrong in Wrong(version)
            select wrong];

    private static IEnumerable<string> Wrong(FeatureVersion version)
    {
        if (version.Contract.Mode is Mode.Sync or Mode.Stream)
            yield return $"workflow-inline: {version.Place}: the work of {version.Feature} is a workflow, and {version.Contract.Mode.ToString().ToLowerInvariant()} calls are answered inline. Give it mode hybrid, whose callers wait as long as they like, or async.";
        if (version.Cache is not null)
            yield return $"workflow-cached: {version.Place}: the work of {version.Feature} is a workflow, and its answer holds for the job whose steps and decisions it came from. Remove `cache`; a feature that it calls may have one.";
    }
}

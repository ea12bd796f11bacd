using Headway.Features;

namespace Headway.Workflows;

/// <summary>Which contracts a workflow can keep: one whose caller waits inline cannot wait with it.</summary>
internal static class WorkflowModes
{
    /// <summary>What of the file cannot be, one sentence each.</summary>
    public static IReadOnlyList<string> Wrong(FeatureFile file, WorkflowCode code) =>
        [.. from feature in file.Features.Values
            from version in feature.Versions
            where version.Handler is CodeDefinition && code.Find(version.Feature) is not null && version.Contract.Mode is Mode.Sync or Mode.Stream
            select $"workflow-inline: {version.Place}: the work of {version.Feature} is a workflow, and {version.Contract.Mode.ToString().ToLowerInvariant()} calls are answered inline. Give it mode hybrid, whose callers wait as long as they like, or async."];
}

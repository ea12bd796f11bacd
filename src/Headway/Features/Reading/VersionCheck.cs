namespace Headway.Features.Reading;

/// <summary>What the parts of one version must not say of each other.</summary>
internal static class VersionCheck
{
    /// <param name="own">What the version itself says: what it inherits is no contradiction, it just does not apply.</param>
    public static void Run(FeatureVersion version, Section own, List<Finding> findings)
    {
        CheckMode(version, own, findings);
        CheckRetry(version, own, findings);
        CheckChain(version, findings);
        CheckExpectation(version, findings);
        CheckGroup(version, findings);
        CheckCache(version, own, findings);

        if (version is { Deprecated: { } deprecated, Sunset: { } sunset } && sunset < deprecated)
            Report("value-invalid", $"the sunset {sunset:yyyy-MM-dd} lies before the deprecation {deprecated:yyyy-MM-dd}; swap them.", "sunset");

        void Report(string code, string message, string path) =>
            findings.Add(Finding.Error(code, $"{version.FullName}: {message}", version.PlaceOf(path), version.Feature));
    }

    private static void CheckMode(FeatureVersion version, Section own, List<Finding> findings)
    {
        var mode = version.Contract.Mode;
        var contract = own.Under("contract");
        if (mode is not Mode.Hybrid && contract.Has("wait"))
            Report("key-not-for-mode", $"'wait' belongs to hybrid; a {Words.Of(mode)} contract has none.", "contract.wait");
        if (mode is not Mode.Stream && contract.Has("resumeFor"))
            Report("key-not-for-mode", $"'resumeFor' belongs to stream; a {Words.Of(mode)} contract has none.", "contract.resumeFor");
        if (mode is Mode.Sync or Mode.Stream && version.Handler is StepsDefinition)
            Report("workflow-mode", $"a workflow cannot be served as {Words.Of(mode)}: it must survive what a connection does not; use hybrid.", "contract.mode");
        if (mode is Mode.Sync or Mode.Stream && version.Handler is WorkerDefinition)
            Report("worker-mode", $"workers come for jobs when they can, and a {Words.Of(mode)} call has no job to come for; use hybrid, whose caller waits for the answer and whose job goes on, or async, whose events show output as it comes.", "contract.mode");
        if (mode is Mode.Stream && version.Handler is PromptDefinition { Citations.Count: > 0, Hold: false })
            Report("key-not-for-mode", "'citations' are checked before anything is shown, and a stream shows pieces as they come; say `stream: hold`, or use sync or hybrid.", "handler.citations");
        if (mode is Mode.Sync or Mode.Stream && own.Under("pool").Has("cluster"))
            Report("key-not-for-mode", $"'cluster' counts queued jobs; a {Words.Of(mode)} call runs where it comes in, and is bounded by 'concurrency' of each node.", "pool.cluster");
        if (mode is Mode.Sync or Mode.Stream && own.Has("delivery"))
            Report("key-not-for-mode", $"'delivery' has no effect on {Words.Of(mode)}: the answer is the delivery; remove it.", "delivery");

        void Report(string code, string message, string path) =>
            findings.Add(Finding.Error(code, $"{version.FullName}: {message}", version.PlaceOf(path), version.Feature));
    }

    private static void CheckRetry(FeatureVersion version, Section own, List<Finding> findings)
    {
        var mode = version.Contract.Mode;
        if (mode is Mode.Sync or Mode.Stream && own.Has("retry"))
            Report("key-not-for-mode", $"'retry' belongs to async, hybrid and batch; a {Words.Of(mode)} call is one attempt with failover.", "retry");

        if (version.Retry.StrongerFrom is not { } from)
            return;
        if (from > version.Retry.MostOfStrength)
            Report("value-invalid", $"strongerFrom {from} is beyond the {version.Retry.MostOfStrength} attempts there are.", "retry.strongerFrom");
        IEnumerable<PromptDefinition> prompts = version.Handler switch { PromptDefinition prompt => [prompt], StepsDefinition steps => steps.Prompts, _ => [] };
        if (!prompts.Any(prompt => prompt.Models.Count >= 2) && own.Has("retry"))
            Report("value-invalid", "strongerFrom needs a prompt with a second model to go to.", "retry.strongerFrom");

        void Report(string code, string message, string path) =>
            findings.Add(Finding.Error(code, $"{version.FullName}: {message}", version.PlaceOf(path), version.Feature));
    }

    private static void CheckChain(FeatureVersion version, List<Finding> findings)
    {
        if (version.Handler is not PromptDefinition prompt)
            return;
        if (prompt.Models.GroupBy(model => model).FirstOrDefault(group => group.Count() > 1) is { } twice)
            Report($"the model {twice.Key} is named twice; failing over to what just failed helps nobody.");
        if (version.NoFallback && prompt.Models.Count > 1)
            Report("`fallback: none` contradicts a second model; remove one of them.");

        void Report(string message) =>
            findings.Add(Finding.Error("value-invalid", $"{version.FullName}: {message}", version.PlaceOf("handler.models", "handler"), version.Feature));
    }

    private static void CheckGroup(FeatureVersion version, List<Finding> findings)
    {
        if (version.Handler is not HttpDefinition { Group: { } group })
            return;
        if (version.Contract.Mode is Mode.Stream)
            Report("key-not-for-mode", "'group' gives each call its answer whole, and a stream promises it in pieces; remove one of them.", "handler.group");
        if (group.Within >= version.Timeout)
            Report("value-invalid", $"a call may wait {Duration.Say(group.Within)} for its group, and an attempt ends after {Duration.Say(version.Timeout)}; lower group.within.", "handler.group.within");

        void Report(string code, string message, string path) =>
            findings.Add(Finding.Error(code, $"{version.FullName}: {message}", version.PlaceOf(path, "handler.group", "handler"), version.Feature));
    }

    private static void CheckCache(FeatureVersion version, Section own, List<Finding> findings)
    {
        if (!own.Has("cache"))
            return;
        if (version.Handler.WhyNotCached is { } why)
            Report("key-not-for-handler", $"'cache' cannot be kept: {why}; remove it.");
        if (version.Contract.Mode is Mode.Batch)
            Report("key-not-for-mode", "'cache' has no effect on batch: nobody waits for one of its items; remove it.");

        void Report(string code, string message) =>
            findings.Add(Finding.Error(code, $"{version.FullName}: {message}", version.PlaceOf("cache"), version.Feature));
    }

    private static void CheckExpectation(FeatureVersion version, List<Finding> findings)
    {
        if (version.Contract.Expect is { P95: { } p95, P99: { } p99 } && p95 > p99)
            findings.Add(Finding.Error("value-invalid", $"{version.FullName}: expect.p95 is longer than expect.p99; swap them.",
                version.PlaceOf("contract.expect.p95"), version.Feature));
    }
}

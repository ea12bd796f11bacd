using Headway.Advice.Obligations;
using Headway.Features;

namespace Headway.Advice;

/// <summary>What `headway check` does: read the file, judge each contract, collect what each owes.</summary>
internal static class Check
{
    /// <summary>In the order in which findings on one line are told.</summary>
    public static readonly IReadOnlyList<Obligation> Obligations =
    [
        new SyncTimeout(),
        new SyncFallback(),
        new SyncForService(),
        new BurstyTraffic(),
        new StreamLimits(),
        new FailoverRoom(),
        new StreamProse(),
        new QueuedWork(),
        new BatchWork(),
        new DataAllowed(),
        new SensitiveDataEncrypted(),
        new SensitiveDataExpires(),
    ];

    public static CheckReport Run(string path, Func<string, string?> environment)
    {
        var reading = FeatureFileReader.Read(path, environment);
        return reading.Draft is { } file ? Judge(WithKey(file, environment), reading.Findings) : new CheckReport(path, [], reading.Findings);
    }

    // A server takes its master key from the environment when the file names none.
    private static FeatureFile WithKey(FeatureFile file, Func<string, string?> environment) =>
        file with { Server = file.Server with { MasterKey = file.Server.MasterKey ?? environment("HEADWAY_MASTER_KEY") } };

    /// <param name="measured">What a running server measured of a version; null: nothing.</param>
    public static CheckReport Judge(FeatureFile file, IReadOnlyList<Finding> findings, Func<FeatureVersion, Measurements?>? measured = null)
    {
        var versions = file.Features.Values.SelectMany(feature => feature.Versions).ToList();
        var owed = versions.SelectMany(version => Obligations.SelectMany(obligation => obligation.Missing(version, file)));
        var unserved = file.Unserved.Select(part =>
            new Finding(Severity.Note, "not-served", $"valid, but this program cannot serve {part.Key}; `headway serve` refuses a file with it.", part.Value.File, part.Value.Line, part.Value.Column, null));

        // An exposed model is what its caller makes of it: it has no answers to judge.
        var verdicts = versions.Where(version => version.Handler is not ModelHandlerDefinition)
            .Select(version => new FeatureVerdict(version, DecisionRule.Judge(Answers.Of(version), measured?.Invoke(version) ?? Measurements.None)));

        return new CheckReport(file.Path, [.. verdicts],
            [.. findings.Concat(owed).Concat(unserved).Distinct().OrderBy(finding => finding.Line).ThenBy(finding => finding.Column)]);
    }
}

/// <summary>What came of a check.</summary>
internal sealed record CheckReport(string File, IReadOnlyList<FeatureVerdict> Features, IReadOnlyList<Finding> Findings)
{
    public bool Failed => Findings.Any(finding => finding.Severity is Severity.Error) || Features.Any(feature => feature.Verdict.FailsCheck);

    /// <summary>Of the command: 1 on an error, or on a promise that breaks without a reason.</summary>
    public int ExitCode => Failed ? 1 : 0;
}

internal sealed record FeatureVerdict(FeatureVersion Version, Verdict Verdict)
{
    public string Name => Version.Feature;
    public Mode Mode => Version.Contract.Mode;
}

using Headway.Handlers;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace Headway;

/// <summary>What code that does the work of a feature may know and use while it handles one attempt at a job.</summary>
/// <remarks>It says nothing of the mode: the same code serves sync, stream, async and hybrid contracts.</remarks>
public sealed class FeatureContext
{
    private readonly Attempt _attempt;
    private readonly Func<string, Attempt, IChatClient> _models;

    internal FeatureContext(Attempt attempt, Func<string, Attempt, IChatClient> models, ILogger logger)
    {
        _attempt = attempt;
        _models = models;
        Logger = logger;
    }

    /// <summary>Identity of the job, as the API shows it: `job_` and 32 hex digits. The same on every attempt, so it makes a good idempotency key.</summary>
    public string Job => _attempt.Job.ToString();

    /// <summary>Name of the feature, as the feature file calls it.</summary>
    public string Feature => _attempt.Feature.Feature;

    /// <summary>Version of the feature: 1 unless the file says otherwise.</summary>
    public int Version => _attempt.Feature.Number;

    /// <summary>1 for the first try at the job.</summary>
    public int Attempt => _attempt.Number;

    /// <summary>Whose data this is. Nothing crosses tenants.</summary>
    public string Tenant => _attempt.Tenant;

    /// <summary>The thing the result belongs to ("encounter/8812"), if the caller named it.</summary>
    public string? Subject => _attempt.Subject;

    /// <summary>When this attempt is cut off: the caller's deadline or the feature's timeout, whichever comes first.</summary>
    public DateTimeOffset Deadline => _attempt.Deadline < _attempt.Until ? _attempt.Deadline.Value : _attempt.Until;

    /// <summary>Files of the input, empty when it is JSON alone.</summary>
    public IReadOnlyList<InputFile> Files => _attempt.Input.Files;

    /// <summary>Writes under `Headway.Features.NAME`, in a scope that carries job and attempt. Never log content of personal or phi data.</summary>
    public ILogger Logger { get; }

    /// <summary>A model of the feature file. Limits, timeouts, costs, disclosure and the data rule hold for every call made through it.</summary>
    /// <param name="name">As the feature file calls it.</param>
    public IChatClient Model(string name) => _models(name, _attempt);

    /// <summary>Tells whoever watches the job how far it is.</summary>
    /// <param name="done">Units of work that are done.</param>
    /// <param name="total">Units in all, if known.</param>
    /// <param name="note">A short text for people, free of content.</param>
    public ValueTask ReportProgressAsync(long done, long? total = null, string? note = null, CancellationToken stop = default) =>
        _attempt.Output.ProgressAsync(done, total, note, stop);
}

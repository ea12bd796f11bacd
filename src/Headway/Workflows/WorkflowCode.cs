using Headway.Handlers;
using Headway.Handlers.Code;

namespace Headway.Workflows;

/// <summary>The workflows of a host, by the name of the feature whose work they do. Filled while the host starts, read afterwards.</summary>
internal sealed class WorkflowCode
{
    private readonly Dictionary<string, WorkflowVersions> _work = new(StringComparer.Ordinal);

    /// <param name="make">Makes the workflow for one run of it; what is given with it is disposed of afterwards.</param>
    /// <param name="version">Of the code, see <see cref="VersionAttribute"/>.</param>
    public void Add<TIn, TOut>(string feature, Func<(Workflow<TIn, TOut> Workflow, IAsyncDisposable? Scope)> make, int version = 1)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(feature);
        if (!_work.TryGetValue(feature, out var versions)) _work.Add(feature, versions = new WorkflowVersions(feature));
        versions.Add(version, new WorkflowWork<TIn, TOut>(make));
    }

    /// <summary>Null: this host has no workflow of that name.</summary>
    public WorkflowVersions? Find(string feature) => _work.GetValueOrDefault(feature);

    public IReadOnlyCollection<WorkflowVersions> All => _work.Values;
}

/// <summary>The versions of one workflow's code that a host has.</summary>
internal sealed class WorkflowVersions(string feature)
{
    private readonly SortedList<int, WorkflowWork> _versions = [];

    public string Feature => feature;

    /// <summary>The only one there is.</summary>
    public static WorkflowVersions Of(string feature, WorkflowWork work)
    {
        var versions = new WorkflowVersions(feature);
        versions.Add(1, work);
        return versions;
    }

    /// <summary>The lowest first.</summary>
    public IList<int> Numbers => _versions.Keys;

    public int Highest => _versions.Keys[^1];

    /// <summary>The code, where there is one version of it.</summary>
    public WorkflowWork Only => _versions.Values.Single();

    public void Add(int version, WorkflowWork work)
    {
        if (!_versions.TryAdd(version, work)) throw new InvalidOperationException($"The feature {feature} already has version {version} of its workflow: map it once, or give each class a [Version] of its own.");
    }

    /// <summary>Null: this host has not that version.</summary>
    public WorkflowWork? Find(int version) => _versions.GetValueOrDefault(version);
}

/// <summary>A workflow, with the types of its input and answer closed over.</summary>
internal abstract class WorkflowWork
{
    /// <summary>Begins to run it from its top. In a turn.</summary>
    public abstract StartedWorkflow Start(Attempt attempt, WorkflowContext flow);
}

/// <param name="Body">Its code, under way. Null: the input does not fit.</param>
/// <param name="Answer">The end of the attempt, once the code has ended well; throws what the code threw.</param>
/// <param name="Scope">Disposed of when the run is over.</param>
internal sealed record StartedWorkflow(Task? Body, Func<Task<Outcome>> Answer, IAsyncDisposable? Scope);

/// <inheritdoc cref="WorkflowWork"/>
internal sealed class WorkflowWork<TIn, TOut>(Func<(Workflow<TIn, TOut> Workflow, IAsyncDisposable? Scope)> make) : WorkflowWork
{
    public override StartedWorkflow Start(Attempt attempt, WorkflowContext flow)
    {
        if (CodeJson.Read<TIn>(attempt.Input.Json, out var input) is { } unfit) return new StartedWorkflow(null, () => Task.FromResult<Outcome>(new Outcome.Failed(unfit)), null);
        var (workflow, scope) = make();
        var body = BeginAsync(workflow, input!, flow);
        return new StartedWorkflow(body, async () => CodeWork.Done(await body.ConfigureAwait(false), typeof(TOut), attempt), scope);
    }

    // What the code throws before its first await is an end of it like any other.
    private static async Task<TOut> BeginAsync(Workflow<TIn, TOut> workflow, TIn input, WorkflowContext flow) => await workflow.StartAsync(input, flow);
}

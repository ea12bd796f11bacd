using Headway.Access;
using Headway.Audit;
using Headway.Jobs;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;
using Headway.Storage;
using Headway.Workflows.Storage;

namespace Headway.Workflows;

/// <summary>Which versions of workflows' code there are, what is under way with each, and moving jobs from one to another.</summary>
internal sealed class WorkflowVersionsDesk(Database database, WorkflowCode code, WorkflowPins pins, JobReader jobs, NodeLease lease)
{
    // One batch is one transaction: small enough that nobody waits for it.
    private const int Batch = 200;

    private static readonly Sql Count = Sql.At("Workflows/Storage/CountVersions");
    private static readonly Sql Find = Sql.At("Workflows/Storage/FindOfVersion");

    /// <summary>By feature, then by version: those this node has, and those that jobs of the tenant have.</summary>
    public IReadOnlyList<WorkflowVersionState> List(string tenant)
    {
        var states = new SortedDictionary<(string Feature, int Version), Dictionary<JobState, int>>();
        foreach (var workflow in code.All) foreach (var version in workflow.Numbers) states[(workflow.Feature, version)] = [];
        foreach (var (feature, version, state, count) in database.Read(session => CountAsync(session, tenant)))
        {
            // Of features that are no workflows here, those without a version may be no workflows at all.
            if (code.Find(feature) is null && version == 1) continue;
            if (!states.TryGetValue((feature, version), out var jobs)) states[(feature, version)] = jobs = [];
            jobs[state] = count;
        }
        var pinned = pins.All();
        return [.. states.Select(state => new WorkflowVersionState(state.Key.Feature, state.Key.Version, code.Find(state.Key.Feature)?.Find(state.Key.Version) is not null, pinned.TryGetValue(state.Key.Feature, out var pin) && pin == state.Key.Version, state.Value))];
    }

    /// <summary>Workflows of a feature are begun with this version from now on. Not null: why not.</summary>
    /// <param name="version">Null: with the highest.</param>
    public async Task<Refusal?> PinAsync(Caller caller, string feature, int? version)
    {
        if (code.Find(feature) is not { } versions) return Unknown(feature);
        if (version is { } number && versions.Find(number) is null) return NoVersion(versions, number);
        await database.WriteAsync(new PinWorkflow(feature, version, caller.Actor, database.Now)).ConfigureAwait(false);
        pins.Forget();
        return null;
    }

    /// <summary>Jobs under way, or one of them, go on with another version from their next attempt on; how many. Also a dead letter, where it is named.</summary>
    public async Task<(Refusal? Refusal, int Moved)> MoveAsync(Caller caller, string feature, int from, int to, JobId? only)
    {
        if (code.Find(feature) is not { } versions) return (Unknown(feature), 0);
        if (versions.Find(to) is null) return (NoVersion(versions, to), 0);
        if (only is { } one) return (null, await MoveAsync(caller, [one], feature, from, to).ConfigureAwait(false));
        var (moved, after) = (0, JobId.FromBytes(new byte[16]));
        while (true)
        {
            var found = await database.ReadAsync(session => FindAsync(session, after, caller.Tenant, feature, from)).ConfigureAwait(false);
            if (found.Count > 0) moved += await MoveAsync(caller, found, feature, from, to).ConfigureAwait(false);
            if (found.Count < Batch) return (null, moved);
            after = found[^1];
        }
    }

    private async Task<int> MoveAsync(Caller caller, IEnumerable<JobId> ids, string feature, int from, int to)
    {
        var rows = ids.Select(id => jobs.Row(caller.Tenant, id)).OfType<Jobs.Storage.JobRow>().Where(row => row.Feature == feature).ToList();
        var moves = rows.ConvertAll(row => (row.Id, row.Audit(caller, AuditActions.Moved, jobs.DataOf(row), lease.Node) with { Purpose = $"{from} to {to}" }));
        return moves.Count == 0 ? 0 : await database.WriteAsync(new MoveWorkflows(moves, from, to, database.Now)).ConfigureAwait(false);
    }

    private static async ValueTask<List<(string, int, JobState, int)>> CountAsync(Session session, string tenant)
    {
        var counts = new List<(string, int, JobState, int)>();
        using var count = session.Use(Count).Bind(1, tenant);
        while (await count.StepAsync().ConfigureAwait(false)) counts.Add((count.Text(0)!, count.Int32(1), (JobState)count.Int64(2), count.Int32(3)));
        return counts;
    }

    private static async ValueTask<List<JobId>> FindAsync(Session session, JobId after, string tenant, string feature, int version)
    {
        var found = new List<JobId>();
        using var find = session.Use(Find).Bind(1, after).Bind(2, tenant).Bind(3, feature).Bind(4, version).Bind(5, Batch);
        while (await find.StepAsync().ConfigureAwait(false)) found.Add(find.JobId(0));
        return found;
    }

    private static Refusal Unknown(string feature) => new(RefusalKind.NotFound, "workflow-unknown", $"This node has no workflow {feature}. GET /v1/workflows lists those it has.");

    private static Refusal NoVersion(WorkflowVersions versions, int version) =>
        new(RefusalKind.Invalid, "workflow-version-unknown", $"This node has no version {version} of {versions.Feature}, but {string.Join(", ", versions.Numbers)}. Ask a node that has it, or deploy it first.");
}

/// <summary>One version of a workflow's code.</summary>
/// <param name="Here">Whether this node has it.</param>
/// <param name="Jobs">Under way with it, by state.</param>
internal sealed record WorkflowVersionState(string Feature, int Version, bool Here, bool IsPinned, IReadOnlyDictionary<JobState, int> Jobs);

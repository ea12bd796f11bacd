using Headway.Features;
using Headway.Jobs.Accepting;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Payloads;
using Headway.Storage;

namespace Headway.Workflows;

/// <summary>What a node can tell of workflows and do for them, beside running them.</summary>
/// <param name="isWorkflow">Whether a job's work is one.</param>
internal sealed class WorkflowRooms(
    Database database, Vault vault, JobReader jobs, Results results, Inputs inputs, NodeLease lease, TenantTerms tenants, JobNews news, Pools pools, Preparation preparation, Claimer claimer, WorkflowPins pins, WorkflowCode code,
    Func<JobRow, bool> isWorkflow, Func<FeatureFile> file)
{
    public Signals Signals { get; } = new(database, vault, jobs, lease, tenants, news, isWorkflow);

    public StepReader Steps { get; } = new(database, vault, jobs, lease);

    public JournalReader Journals { get; } = new(database, vault, jobs, results, lease, code);

    public Reruns Reruns { get; } = new(database, vault, jobs, inputs, preparation, claimer, news, lease, pools, tenants, file);

    public WorkflowVersionsDesk Versions { get; } = new(database, code, pins, jobs, lease);

    public Callbacks Callbacks => new(database, vault, jobs, Signals);
}

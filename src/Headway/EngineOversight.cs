using Headway.Alerts;
using Headway.Features;
using Headway.Jobs.Running;
using Headway.Jobs.Subjects;
using Headway.Jobs.Workers;
using Headway.Payloads;
using Headway.Payloads.Files;
using Headway.Payloads.Holds;
using Headway.Reconciliation;
using Headway.Storage;

namespace Headway;

/// <summary>The rooms from which a node is looked after: whose data must stay or go, and what was promised and is not so.</summary>
internal sealed class EngineOversight(Database database, Vault vault, JobReader jobs, Versions versions, KeptFiles files, NodeLease lease, JobNews news, TenantTerms tenants, Workforce workforce, PullPools pulled, Func<FeatureFile> file)
{
    /// <summary>Whose data must not go.</summary>
    public LegalHolds Holds { get; } = new(database, vault, () => lease.Node);

    /// <summary>Whose data must go.</summary>
    public SubjectErasure Erasure { get; } = new(database, vault, jobs, versions, files, () => lease.Node);

    /// <summary>What was promised and is not so.</summary>
    public GapBook Gaps { get; } = new(database);

    /// <summary>What operators are told of.</summary>
    public AlertBook Alerts { get; } = new(database, () => lease.Node);

    /// <summary>Looks for it. Given by the wiring, which knows how receivers are told.</summary>
    public AlertWatch AlertWatch { get; internal set; } = null!;

    public Reconciler Reconciler => field ??= new Reconciler(
        new QueueWalk(database, Gaps), new RecordWalk(database, Gaps, versions, news, tenants, () => lease.Node), new WalkTurn(database, () => lease.Number), new WorkerWatch(database, Gaps, workforce, pulled),
        new DeliveryWatch(database, Gaps, file, () => lease.Node), Gaps);
}

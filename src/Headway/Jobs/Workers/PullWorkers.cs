using Headway.Budgets;
using Headway.Caching;
using Headway.Features;
using Headway.Jobs.Running;
using Headway.Payloads;
using Headway.Storage;
using Headway.Streams;
using Microsoft.Extensions.Logging;

namespace Headway.Jobs.Workers;

/// <summary>Everything that workers who come for jobs are served by.</summary>
internal sealed class PullWorkers
{
    public PullWorkers(
        Database database, Vault vault, Versions versions, WorkReader reader, AnswerCache cache, PullPools pools, WorkerBell bell, LiveOutputs outputs, JobNews news, AttemptEnds ends,
        NodeLease lease, BudgetsInForce budgets, TenantTerms tenants, AttemptCosts costs, JobRetries retries, Func<FeatureFile> file, Random random, ILoggerFactory logs)
    {
        var (held, sessions) = (new HeldWork(database, reader), new WorkerSessions(vault));
        Output = new WorkerOutput(database, vault, sessions, held, outputs, news);
        Ends = new WorkerEnds(database, sessions, held, Output, versions, cache, news, ends, budgets, tenants, costs, retries, random, logs.CreateLogger<WorkerEnds>());
        Renewals = new WorkerRenewals(database, sessions, Ends, ends, lease);
        Claims = new WorkerClaims(database, sessions, pools, bell, held, reader, Ends, Renewals, ends, news, lease, tenants, file, logs.CreateLogger<WorkerClaims>());
        Files = new WorkerFiles(sessions, held);
        Badges = new WorkerBadges(vault);
    }

    /// <summary>Gives them jobs.</summary>
    public WorkerClaims Claims { get; }

    /// <summary>Keeps them alive, and lets them go.</summary>
    public WorkerRenewals Renewals { get; }

    /// <summary>Takes what they say while they work.</summary>
    public WorkerOutput Output { get; }

    /// <summary>Takes what comes of their work.</summary>
    public WorkerEnds Ends { get; }

    /// <summary>Ties sessions to keys.</summary>
    public WorkerBadges Badges { get; }

    /// <summary>Gives them the files of inputs.</summary>
    public WorkerFiles Files { get; }
}

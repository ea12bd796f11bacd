using System.Text;
using Headway.Access;
using Headway.Audit;
using Headway.Jobs.Running;
using Headway.Jobs.Storage;
using Headway.Jobs.Waiting;
using Headway.Payloads;
using Headway.Storage;

namespace Headway.Workflows;

/// <summary>Takes what somebody outside sends to a job under way.</summary>
internal sealed class Signals(Database database, Vault vault, JobReader jobs, NodeLease lease, TenantTerms tenants, JobNews news, Func<JobRow, bool> isWorkflow)
{
    /// <summary>Durable when it returns. Null: the job is unknown to this tenant.</summary>
    /// <param name="body">JSON.</param>
    /// <param name="key">Sent again with the same key it is the same signal; null: it is another one each time.</param>
    public async Task<Signalled?> SendAsync(Caller caller, JobId id, string name, ReadOnlyMemory<byte> body, string? key, CancellationToken stop)
    {
        if (jobs.Row(caller.Tenant, id) is not { } row) return null;
        if (!row.IsFinished && !isWorkflow(row)) return Signalled.NoWorkflow;
        var seal = await vault.KeyAsync(caller.Tenant, jobs.JobOf(row, detailed: false).Subject, stop).ConfigureAwait(false);
        var signal = new NewSignal(
            id, name,
            key is null ? null : vault.Mac(caller.Tenant, "signal key", Encoding.UTF8.GetBytes($"{id} {key}")),
            key is null ? null : vault.Mac(caller.Tenant, "signal fingerprint", [.. Encoding.UTF8.GetBytes(name), 0, .. body.Span]),
            seal.Seal(PayloadKind.Journal, id, body.Span, SentSignal.Position), database.Now, caller.Has(Roles.Approver));
        var sent = await database.WriteAsync(new SendSignal(signal, row.Audit(caller, AuditActions.Signalled, jobs.DataOf(row), lease.Node), tenants.WeightOf)).ConfigureAwait(false);
        if (sent is Signalled.Woken) news.Queued(row.Pool);
        if (sent is Signalled.Woken or Signalled.Kept) news.Changed(id);
        return sent;
    }
}

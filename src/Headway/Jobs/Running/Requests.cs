using Headway.Access;
using Headway.Audit;
using Headway.Features;
using Headway.Handlers;
using Headway.Jobs.Storage;
using Headway.Payloads;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>Gives back the requests that inputs were made from, and forgets them with everything that their jobs hold.</summary>
internal sealed class Requests(Database database, Vault vault, JobReader jobs, Versions versions, Results results, NodeLease lease)
{
    private static readonly Sql FindRequest = Sql.At("Jobs/Storage/FindRequest");

    /// <summary>Null: unknown to this tenant, made from no request, forgotten, or pruned.</summary>
    public KeptRequest? Find(string tenant, JobId id)
    {
        var found = database.Read(async session =>
        {
            using var find = session.Use(FindRequest).Bind(1, id).Bind(2, tenant);
            return await find.StepAsync().ConfigureAwait(false) && StoredInput.HoldsRequest(find.Text(0)) ? (Type: find.Text(0), Body: find.Blob(1)) : default;
        });
        if (found.Body is not { } body || jobs.Row(tenant, id) is not { } row) return null;
        var stored = StoredInput.Read(found.Type, vault.Open(tenant, PayloadKind.Input, id, body));
        return new KeptRequest(jobs.JobOf(row, detailed: false), () => versions.Pinned(row.Definition).Version, stored.Request!.Value);
    }

    /// <summary>The result of such a job for work that goes on from it: what becomes of it is told by the call that uses it. Null: it has none.</summary>
    public Result? ResultOf(string tenant, JobId id) => jobs.Row(tenant, id) is { } row ? results.Open(row) : null;

    /// <summary>That the caller gets the request is a delivery: durable when it returns.</summary>
    public async Task<bool> TellGivenAsync(Caller caller, JobId id)
    {
        if (jobs.Row(caller.Tenant, id) is not { Input: not null } row) return false;
        await results.RecordAsync(caller, row, null, "input").ConfigureAwait(false);
        return true;
    }

    /// <summary>The record stays, without anything that was said. The job must have ended.</summary>
    public async Task<Forgotten> ForgetAsync(Caller caller, JobId id)
    {
        if (jobs.Row(caller.Tenant, id) is not { IsFinished: true, Input: not null } row) return Forgotten.Nothing;
        var (data, retention) = versions.Known(row.Definition);
        return await database.WriteAsync(new ForgetJob(row, row.Audit(caller, AuditActions.Erased, data, lease.Node), Endings.Add(row.Finished!.Value.ToUnixTimeMilliseconds(), retention.Record), database.Now)).ConfigureAwait(false);
    }
}

/// <summary>The request that a job's input was made from, as its caller sent it.</summary>
/// <param name="VersionOf">Reads the version that the job was accepted with.</param>
internal sealed record KeptRequest(Job Job, Func<FeatureVersion> VersionOf, ReadOnlyMemory<byte> Json);

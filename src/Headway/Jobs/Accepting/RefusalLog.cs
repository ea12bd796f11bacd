using Headway.Access;
using Headway.Audit;
using Headway.Features;
using Headway.Jobs.Running;
using Headway.Payloads;
using Headway.Storage;

namespace Headway.Jobs.Accepting;

/// <summary>Tells the audit trail of calls that were turned away: under load by the number (`pool-full ×240`), see <see cref="Tellings{TKind, T}"/>.</summary>
/// <remarks>Nothing of the call was touched, so nobody waits for its event: it joins the next group that is written. Kinds are as many as versions, callers and codes.</remarks>
internal sealed class RefusalLog
{
    /// <inheritdoc cref="Tellings{TKind, T}.PerSecond"/>
    public const int PerSecond = Tellings<Kind, RefusedCall>.PerSecond;

    private readonly Database _database;
    private readonly Versions _versions;
    private readonly Vault _vault;
    private readonly NodeLease _lease;
    private readonly Tellings<Kind, RefusedCall> _tellings;

    public RefusalLog(Database database, Versions versions, Vault vault, NodeLease lease)
    {
        (_database, _versions, _vault, _lease) = (database, versions, vault, lease);
        _tellings = new Tellings<Kind, RefusedCall>(() => database.Now, async (call, count) => await database.WriteAsync(new AppendAudit(await EventAsync(call, count).ConfigureAwait(false), database.Now)).ConfigureAwait(false));
    }

    /// <summary>Returns at once; the event is written with the next group.</summary>
    public void Note(RefusedCall call) => _tellings.Note(new Kind(call.Feature.Feature, call.Feature.Number, call.Caller.Tenant, call.Caller.Actor, call.Code), call);

    /// <inheritdoc cref="Tellings{TKind, T}.CloseAsync"/>
    public Task CloseAsync() => _tellings.CloseAsync();

    /// <inheritdoc cref="Tellings{TKind, T}.TellRestAsync"/>
    public Task TellRestAsync() => _tellings.TellRestAsync();

    private async ValueTask<AuditEvent> EventAsync(RefusedCall call, long count)
    {
        var registered = await _versions.RegisterAsync(call.Feature).ConfigureAwait(false);
        if (call.Subject is not null) await _vault.ReadyAsync(call.Caller.Tenant).ConfigureAwait(false);
        // There is no job; the id is the event's own, or that under which files of the call had been taken.
        var id = call.Job ?? JobId.New(_database.Time.GetUtcNow());
        return new AuditEvent
        {
            Action = AuditActions.Refused,
            Job = id,
            Tenant = call.Caller.Tenant,
            Actor = call.Caller.Actor,
            Address = call.Caller.Address,
            Definition = registered.Definition,
            Data = call.Feature.Contract.Data,
            Subject = call.Subject is { } subject ? _vault.SubjectMac(call.Caller.Tenant, subject) : null,
            Node = _lease.Node,
            Outcome = Tellings<Kind, RefusedCall>.OutcomeOf(call.Code, count),
            Correlation = call.TraceParent is null ? null : Correlation.Of(id, call.TraceParent),
        };
    }

    private readonly record struct Kind(string Feature, int Version, string Tenant, string Actor, string Code);
}

/// <summary>A call that was turned away, as far as it was read.</summary>
internal sealed record RefusedCall(FeatureVersion Feature, Caller Caller, string Code)
{
    /// <summary>Set when files of it had been taken under this id.</summary>
    public JobId? Job { get; init; }
    public string? Subject { get; init; }
    public string? TraceParent { get; init; }
}

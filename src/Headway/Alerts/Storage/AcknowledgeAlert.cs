using Headway.Audit;
using Headway.Storage;

namespace Headway.Alerts.Storage;

/// <summary>Somebody looks after an alert: from now on it is quiet, unless it gets much worse. Acknowledged again it stays the first one's.</summary>
/// <remarks>Invariant: the audit trail tells of it in the transaction that writes it.</remarks>
internal sealed class AcknowledgeAlert(AlertId id, string? note, AuditEvent told, long now) : Write<(Acknowledged How, Alert? Alert)>
{
    internal override IReadOnlyList<Claim> Claims => [NoteSigns.AllAlerts];

    protected override async ValueTask<(Acknowledged How, Alert? Alert)> ApplyAsync(Session session)
    {
        if (await AlertReader.FindAsync(session, id).ConfigureAwait(false) is not { } alert) return (Acknowledged.Unknown, null);
        if (alert.State is AlertState.Over) return (Acknowledged.Over, alert);
        if (alert.State is AlertState.Acknowledged) return (Acknowledged.Done, alert);
        var after = alert with { State = AlertState.Acknowledged, Acknowledgement = new Acknowledgement(now, told.Actor, note, alert.Amount) };
        NoteSigns.Change(session, after);
        AuditTrail.Append(session, told, now);
        return (Acknowledged.Done, after);
    }
}

/// <summary>What became of the wish.</summary>
internal enum Acknowledged { Done, Unknown, Over }

using Headway.Access;
using Headway.Alerts.Storage;
using Headway.Audit;
using Headway.Storage;

namespace Headway.Alerts;

/// <summary>The alerts of an installation, for those who look after it. They are of no tenant: what they count is all tenants'.</summary>
/// <param name="node">Name of this node, for audit events.</param>
internal sealed class AlertBook(Database database, Func<string> node)
{
    private const int Batch = 500;

    private static readonly TimeSpan Kept = TimeSpan.FromDays(90);
    private static readonly Sql Forget = Sql.At("Alerts/Storage/ForgetAlerts");

    /// <summary>Newest first; up to one more than the limit: then there is a further page.</summary>
    /// <param name="kind">Null: of every kind.</param>
    public ValueTask<IReadOnlyList<Alert>> ListAsync(IReadOnlyList<AlertState> states, string? kind, AlertId? before, int limit) =>
        database.ReadAsync(session => AlertReader.PageAsync(session, states, kind, before, limit));

    /// <summary>Null: there is none.</summary>
    public ValueTask<Alert?> FindAsync(AlertId id) => database.ReadAsync(session => AlertReader.FindAsync(session, id));

    /// <summary>Durable when it returns, and told in the audit trail.</summary>
    /// <param name="note">For other operators; null: none.</param>
    public Task<(Acknowledged How, Alert? Alert)> AcknowledgeAsync(Caller caller, AlertId id, string? note)
    {
        var at = database.Time.GetUtcNow();
        // There is no job: the event has an id of its own.
        var told = new AuditEvent
        {
            Action = AuditActions.Acknowledged,
            Job = JobId.New(at),
            Tenant = caller.Tenant,
            Actor = caller.Actor,
            Address = caller.Address,
            Node = node(),
            Purpose = id.ToString(),
        };
        return database.WriteAsync(new AcknowledgeAlert(id, note, told, at.ToUnixTimeMilliseconds()));
    }

    /// <summary>Forgets those that were over long ago, as many as one pass may; how many.</summary>
    public Task<int> ForgetAsync() => database.WriteAsync(new ForgetAlerts(database.Now - (long)Kept.TotalMilliseconds));

    private sealed class ForgetAlerts(long before) : Write<int>
    {
        internal override Writer Writer => Writer.Upkeep;

        protected override ValueTask<int> ApplyAsync(Session session) => session.Use(Forget).Bind(1, before).Bind(2, (long)Batch).ExecuteAsync();
    }
}

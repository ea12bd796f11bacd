using Headway.Storage;
using Headway.Storage.Sqlite;

namespace Headway.Audit;

/// <summary>Appends events inside the transaction of the change they tell of: if the event cannot be written, the change does not happen.</summary>
internal static class AuditTrail
{
    private static readonly Sql Insert = Sql.At("Audit/AppendEvent");

    /// <param name="at">Milliseconds since 1970.</param>
    public static void Append(SqliteSession session, AuditEvent entry, long at) => session.Use(Insert)
        .Bind(1, entry.Job)
        .Bind(2, at * 1_000)
        .Bind(3, entry.Tenant)
        .Bind(4, entry.Actor)
        .Bind(5, entry.Action)
        .Bind(6, entry.Definition)
        .Bind(7, entry.Subject)
        .Bind(8, entry.Purpose)
        .Bind(9, (long)entry.Data)
        .Bind(10, entry.Node)
        .Bind(11, entry.Address)
        .Bind(12, entry.Recipient)
        .Bind(13, entry.Outcome)
        .Bind(14, entry.Payload)
        .Bind(15, entry.Correlation)
        .Execute();
}

/// <summary>One event that tells of no change of its own: a delivery, a disclosure, a refusal.</summary>
internal sealed class AppendAudit(AuditEvent entry, long at) : Write<bool>
{
    protected override bool Apply(SqliteSession session)
    {
        AuditTrail.Append(session, entry, at);
        return true;
    }
}

using Headway.Storage;

namespace Headway.Audit;

/// <summary>Appends events inside the transaction of the change they tell of: if the event cannot be written, the change does not happen.</summary>
internal static class AuditTrail
{
    private static readonly Sql Insert = Sql.At("Audit/AppendEvent");
    private static readonly Sql First = Sql.At("Audit/FirstEvent");
    private static readonly Sql Next = Sql.At("Audit/NextEvent");

    /// <param name="at">Milliseconds since 1970.</param>
    public static void Append(Session session, AuditEvent entry, long at) => Write(session.Use(Insert), entry, at);

    /// <summary>The first event of a job that this very transaction makes: nothing came before it, so nothing is looked for.</summary>
    public static void Begin(Session session, AuditEvent entry, long at) => Write(session.Use(First), entry, at);

    /// <summary>The id that the job's next event gets, for a statement that writes one by itself.</summary>
    public static async ValueTask<long> NextIdAsync(Session session, JobId job, long at)
    {
        using var next = session.Use(Next).Bind(1, at * 1_000).Bind(2, job);
        await next.StepAsync().ConfigureAwait(false);
        return next.Int64(0);
    }

    private static void Write(Statement statement, AuditEvent entry, long at) => statement
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
        .Send();
}

/// <summary>One event that tells of no change of its own: a delivery, a disclosure, a refusal.</summary>
internal sealed class AppendAudit(AuditEvent entry, long at) : Write<bool>
{
    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        AuditTrail.Append(session, entry, at);
        return true;
    }
}

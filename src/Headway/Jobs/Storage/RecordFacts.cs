using Headway.Audit;
using Headway.Storage;
using Headway.Storage.Sqlite;

namespace Headway.Jobs.Storage;

/// <summary>Adds to a job what an attempt spent and disclosed, whatever state it is in and whoever has it: facts carry no fence.</summary>
internal sealed class RecordFacts(JobId job, Usage spent, IReadOnlyList<AuditEvent> disclosed, long now) : Write<bool>
{
    private static readonly Sql Add = Sql.At("Jobs/Storage/AddSpent");

    protected override bool Apply(SqliteSession session)
    {
        session.Use(Add).Bind(1, spent.InputTokens).Bind(2, spent.OutputTokens).Bind(3, Ending.ToNano(spent.Usd)).Bind(4, job).Execute();
        foreach (var entry in disclosed) AuditTrail.Append(session, entry, now);
        return true;
    }
}

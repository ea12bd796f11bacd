using Headway.Audit;
using Headway.Budgets;
using Headway.Storage;
using Headway.Storage.Sqlite;

namespace Headway.Jobs.Storage;

/// <summary>Adds to a job what an attempt spent and disclosed, whatever state it is in and whoever has it: facts carry no fence.</summary>
internal sealed class RecordFacts(JobId job, Usage spent, CallsOfAttempt calls, IReadOnlyList<AuditEvent> disclosed, long now) : Write<bool>
{
    private static readonly Sql Add = Sql.At("Jobs/Storage/AddSpent");
    private static readonly Sql Queued = Sql.At("Jobs/Storage/IsQueued");

    protected override bool Apply(SqliteSession session)
    {
        session.Use(Add).Bind(1, spent.InputTokens).Bind(2, spent.OutputTokens).Bind(3, Money.ToNano(spent.Usd)).Bind(4, job).Execute();
        ModelCalls.Append(session, job, calls);
        // Of a job that has ended nothing more will be spent; one that goes on elsewhere keeps what is held for it.
        if (HasEnded(session)) Ledger.Settle(session, job, Money.ToNano(spent.Usd));
        else Ledger.Spend(session, job, Money.ToNano(spent.Usd));
        foreach (var entry in disclosed) AuditTrail.Append(session, entry, now);
        return true;
    }

    private bool HasEnded(SqliteSession session)
    {
        using var queued = session.Use(Queued).Bind(1, job);
        queued.Step();
        return queued.Int64(0) == 0;
    }
}

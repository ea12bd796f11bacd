using Headway.Audit;
using Headway.Budgets;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>Adds to a job what an attempt spent and disclosed, whatever state it is in and whoever has it: facts carry no fence.</summary>
internal sealed class RecordFacts(JobId job, Usage spent, CallsOfAttempt calls, IReadOnlyList<AuditEvent> disclosed, long now) : Write<bool>
{
    private static readonly Sql Add = Sql.At("Jobs/Storage/AddSpent");
    private static readonly Sql Queued = Sql.At("Jobs/Storage/IsQueued");

    /// <summary>Told by a worker, which may tell a thing twice, and at two nodes at once: only what is told first of an attempt counts. Null: by this node, which tells it once.</summary>
    public ToldByWorker? Told { get; init; }

    internal override IReadOnlyList<Claim> Claims => [Claim.On(job)];

    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        // Asked first, so that the row of the queue is locked before that of the job, as by whoever ends it.
        var ended = await HasEndedAsync(session).ConfigureAwait(false);
        if (Told is { } told && !await told.FirstAsync(session, job, calls.Attempt).ConfigureAwait(false)) return false;
        session.Use(Add).Bind(1, spent.InputTokens).Bind(2, spent.OutputTokens).Bind(3, Money.ToNano(spent.Usd)).Bind(4, job).Send();
        ModelCalls.Append(session, job, calls);
        // Of a job that has ended nothing more will be spent; one that goes on elsewhere keeps what is held for it.
        if (ended) await Ledger.SettleAsync(session, job, Money.ToNano(spent.Usd)).ConfigureAwait(false);
        else await Ledger.SpendAsync(session, job, Money.ToNano(spent.Usd)).ConfigureAwait(false);
        foreach (var entry in disclosed) AuditTrail.Append(session, entry, now);
        return true;
    }

    private async ValueTask<bool> HasEndedAsync(Session session)
    {
        using var queued = session.Use(Queued).Bind(1, job);
        await queued.StepAsync().ConfigureAwait(false);
        return queued.Int64(0) == 0;
    }
}

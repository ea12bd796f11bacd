using Headway.Audit;
using Headway.Storage;

namespace Headway.Jobs.Waiting;

/// <summary>Sends a signal to a job under way: kept until the job asks for it; if it asks already, the job comes back.</summary>
/// <param name="weight">Of the tenant.</param>
internal sealed class SendSignal(NewSignal signal, AuditEvent signalled, Func<string, int> weight) : Write<Signalled>
{
    /// <summary>More than a job could have use for, and few enough to be looked through.</summary>
    public const int Most = 1_000;

    /// <summary>Of what came with all that it has not asked for.</summary>
    public const long MostBytes = 16L << 20;

    private static readonly Sql Find = Sql.At("Jobs/Waiting/FindSignal");
    private static readonly Sql Count = Sql.At("Jobs/Waiting/CountSignals");
    private static readonly Sql Insert = Sql.At("Jobs/Waiting/InsertSignal");

    internal override IReadOnlyList<Claim> Claims => [Claim.On(signal.Job), Wakes.On(signal.Job)];

    protected override async ValueTask<Signalled> ApplyAsync(Session session)
    {
        var job = await Wakes.LockAsync(session, signal.Job).ConfigureAwait(false);
        if (signal.Key is not null)
        {
            using var find = session.Use(Find).Bind(1, signal.Job).Bind(2, signal.Key);
            if (await find.StepAsync().ConfigureAwait(false)) return find.Blob(0).AsSpan().SequenceEqual(signal.Print) ? Signalled.Again : Signalled.Mismatch;
        }
        if (job is null) return Signalled.Over;
        using (var count = session.Use(Count).Bind(1, signal.Job))
        {
            await count.StepAsync().ConfigureAwait(false);
            if (count.Int64(0) >= Most || count.Int64(1) + signal.Body.Length > MostBytes) return Signalled.Full;
        }
        session.Use(Insert).Bind(1, signal.Job).Bind(2, signal.Name).Bind(3, signal.Key).Bind(4, signal.Print).Bind(5, signal.Body).Bind(6, signalled.Actor).Bind(7, signal.Sent).Bind(8, signal.ByApprover ? 1L : 0L).Send();
        AuditTrail.Append(session, signalled, signal.Sent);
        return job.State is JobState.Waiting && await Wakes.WakeLockedAsync(session, signal.Job, job.Pool, weight, signal.Sent).ConfigureAwait(false) ? Signalled.Woken : Signalled.Kept;
    }
}

/// <param name="Key">Keyed MAC of its idempotency key; null: it has none, and is another one each time it is sent.</param>
/// <param name="Print">Keyed MAC of what came with the key.</param>
/// <param name="Body">Sealed.</param>
/// <param name="Sent">Milliseconds since 1970.</param>
/// <param name="ByApprover">Who sent it may decide what workflows ask people. What others send is given to nobody who asks for a decision.</param>
internal sealed record NewSignal(JobId Job, string Name, byte[]? Key, byte[]? Print, byte[] Body, long Sent, bool ByApprover);

/// <summary>What became of a signal. Kept: the job has not asked for it yet. Again: it was sent before. Over: the job is not under way. NoWorkflow: its work can ask for none.</summary>
internal enum Signalled { Woken, Kept, Again, Mismatch, Over, Full, NoWorkflow }

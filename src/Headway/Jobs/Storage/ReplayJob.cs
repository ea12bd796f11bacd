using Headway.Audit;
using Headway.Payloads.Holds;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>A dead letter that is to be put back into the queue.</summary>
/// <param name="Model">The model that is asked instead of those of its definition; null: these.</param>
/// <param name="Input">Sealed, in the place of its own; null: its own.</param>
/// <param name="Gate">See <see cref="NewJob.Gate"/>.</param>
/// <param name="Weight">Of the tenant.</param>
internal sealed record Replay(JobId Job, string Tenant, long Pool, string? Model, byte[]? Input, string? Gate, int Weight, AuditEvent Replayed);

/// <summary>Puts a dead letter back into the queue, its error kept as an attempt of its history. False: it is none any more, its input is gone, or the replay would take away what a legal hold keeps.</summary>
internal sealed class ReplayJob(Replay replay, long now) : Write<bool>
{
    private static readonly Sql Reopen = Sql.At("Jobs/Storage/ReopenJob");
    private static readonly Sql Insert = Sql.At("Jobs/Storage/InsertReplayed");
    private static readonly Sql AskAnew = Sql.At("Jobs/Waiting/AskAnew");
    private static readonly Sql DiedOfNothing = Sql.At("Jobs/Waiting/DiedOfNothing");
    private static readonly Sql ForgetCallbacks = Sql.At("Jobs/Waiting/ForgetCallbacks");
    private static readonly Sql KeepInput = Sql.At("Jobs/Storage/InsertFormerInput");
    private static readonly Sql AnyJournal = Sql.At("Jobs/Storage/AnyJournal");
    private static readonly Sql NewInput = Sql.At("Jobs/Storage/ReplaceInput");

    internal override IReadOnlyList<Claim> Claims => [Claim.On(replay.Job)];

    protected override ValueTask<bool> ApplyAsync(Session session) => ApplyAsync(session, replay, now);

    /// <remarks>Invariant: of any number of replays at once, one finds the job dead. The guarded update decides, and everything else follows it.</remarks>
    public static async ValueTask<bool> ApplyAsync(Session session, Replay replay, long now)
    {
        if (await TakesFromHeldAsync(session, replay).ConfigureAwait(false)) return false;
        if (await session.Use(Reopen).Bind(1, replay.Model).Bind(2, replay.Job).Bind(3, replay.Tenant).ExecuteAsync().ConfigureAwait(false) == 0) return false;
        if (replay.Input is { } input)
        {
            // What a workflow got, it got from the input that it had.
            JobWrites.ForgetJournal(session, replay.Job);
            session.Use(KeepInput).Bind(1, now).Bind(2, replay.Replayed.Actor).Bind(3, replay.Job).Send();
            session.Use(NewInput).Bind(1, await JobWrites.InsertPayloadAsync(session, input).ConfigureAwait(false)).Bind(2, replay.Job).Send();
        }
        session.Use(AskAnew).Bind(1, replay.Job).Send();
        session.Use(DiedOfNothing).Bind(1, replay.Job).Send();
        session.Use(ForgetCallbacks).Bind(1, replay.Job).Send();
        session.Use(Insert).Bind(1, replay.Gate).Bind(2, now).Bind(3, replay.Job).Send();
        await Turns.TakeAsync(session, [new Arrival(replay.Job, replay.Pool, ComesBack: true)], _ => replay.Weight).ConfigureAwait(false);
        AuditTrail.Append(session, replay.Replayed, now);
        return true;
    }

    /// <summary>Another input takes away what a workflow got for its own, which must not go while its subject is held.</summary>
    public static async ValueTask<bool> TakesFromHeldAsync(Session session, Replay replay)
    {
        if (replay.Input is null || !await LegalHolds.HoldsAsync(session, replay.Tenant, replay.Replayed.Subject).ConfigureAwait(false)) return false;
        using var any = session.Use(AnyJournal).Bind(1, replay.Job);
        return await any.StepAsync().ConfigureAwait(false);
    }
}

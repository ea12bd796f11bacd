using Headway.Jobs.Storage;
using Headway.Jobs.Waiting;
using Headway.Storage;
using Headway.Workflows.History;

namespace Headway.Workflows.Storage;

/// <summary>A workflow goes on as a new run of the same job, under the fence: another input, an empty journal; what was sent to it and not asked for stays.</summary>
/// <param name="input">Sealed.</param>
/// <returns>What people asked of the job: where that is to cancel it, nothing was done. Null: it is held no more.</returns>
internal sealed class RenewWorkflow(Fence fence, byte[] input, JournalEntry origin) : Write<Asked?>
{
    // Who sends a signal again with its key does so within a day, as with calls.
    private const long KeysKept = 24 * 60 * 60 * 1_000L;

    private static readonly Sql ForgetTaken = Sql.At("Workflows/Storage/ForgetTaken");
    private static readonly Sql EmptyTaken = Sql.At("Workflows/Storage/EmptyTaken");
    private static readonly Sql FindOld = Sql.At("Workflows/Storage/FindOldInput");
    private static readonly Sql NewInput = Sql.At("Workflows/Storage/NewInput");
    private static readonly Sql DeletePayload = Sql.At("Jobs/Storage/DeletePayload");

    internal override IReadOnlyList<Claim> Claims => [Claim.On(fence.Job)];

    protected override async ValueTask<Asked?> ApplyAsync(Session session)
    {
        if (await AdvanceWorkflow.HeldAsync(session, fence).ConfigureAwait(false) is not { } asked) return null;
        if (asked is Asked.Cancel) return asked;
        long? old;
        using (var find = session.Use(FindOld).Bind(1, fence.Job)) old = await find.StepAsync().ConfigureAwait(false) ? find.Int64OrNull(0) : null;
        JobWrites.ForgetJournal(session, fence.Job);
        session.Use(NewInput).Bind(1, await JobWrites.InsertPayloadAsync(session, input).ConfigureAwait(false)).Bind(2, fence.Job).Send();
        if (old is { } number) session.Use(DeletePayload).Bind(1, number).Send();
        session.Use(ForgetTaken).Bind(1, fence.Job).Bind(2, origin.Began - KeysKept).Send();
        session.Use(EmptyTaken).Bind(1, fence.Job).Send();
        new JournalRow(origin, null, fence.Attempt).Append(session, fence.Job);
        return asked;
    }
}

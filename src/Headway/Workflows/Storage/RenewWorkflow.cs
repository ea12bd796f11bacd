using Headway.Jobs.Storage;
using Headway.Storage;
using Headway.Workflows.History;

namespace Headway.Workflows.Storage;

/// <summary>A workflow goes on as a new run of the same job, under the fence: another input, an empty journal; what was sent to it and not asked for stays.</summary>
/// <param name="input">Sealed.</param>
internal sealed class RenewWorkflow(Fence fence, byte[] input, JournalEntry origin) : Write<bool>
{
    private static readonly Sql FindOld = Sql.At("Workflows/Storage/FindOldInput");
    private static readonly Sql NewInput = Sql.At("Workflows/Storage/NewInput");
    private static readonly Sql DeletePayload = Sql.At("Jobs/Storage/DeletePayload");

    internal override IReadOnlyList<Claim> Claims => [Claim.On(fence.Job)];

    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        if (await AdvanceWorkflow.HeldAsync(session, fence).ConfigureAwait(false) is null) return false;
        long? old;
        using (var find = session.Use(FindOld).Bind(1, fence.Job)) old = await find.StepAsync().ConfigureAwait(false) ? find.Int64OrNull(0) : null;
        JobWrites.ForgetJournal(session, fence.Job);
        session.Use(NewInput).Bind(1, await JobWrites.InsertPayloadAsync(session, input).ConfigureAwait(false)).Bind(2, fence.Job).Send();
        if (old is { } number) session.Use(DeletePayload).Bind(1, number).Send();
        new JournalRow(origin, null, fence.Attempt).Append(session, fence.Job);
        return true;
    }
}

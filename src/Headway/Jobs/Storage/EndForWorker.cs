using Headway.Jobs.Waiting;
using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>Ends a job, or puts it back, for a worker: as <see cref="EndJob"/> and <see cref="RetryJob"/>, with the last event that is in the log by then.</summary>
/// <param name="write">Given the last event of the attempt; null: it has none.</param>
internal sealed class EndForWorker(Fence fence, Func<long?, Write<bool>> write) : Write<bool>
{
    private static readonly Sql Lock = Sql.At("Jobs/Storage/LockHeld");

    /// <summary>What the worker tells of its attempt goes with this write. Null: it tells nothing, and may do so later.</summary>
    public ToldByWorker? Told { get; init; }

    /// <summary>Whoever may wait for the job's end.</summary>
    public WaitingParent? Parent { get; init; }

    internal override IReadOnlyList<Claim> Claims => Parent is { } parent ? [Claim.On(fence.Job), Wakes.On(parent.Job)] : [Claim.On(fence.Job)];

    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        // Locked first: an append that another node is writing has ended by then, and a reader is told of an end that lies behind all that was shown.
        using (var held = session.Use(Lock).Bind(1, fence.Job).Bind(2, fence.Lease).Bind(3, fence.Attempt))
        {
            if (!await held.StepAsync().ConfigureAwait(false)) return false;
        }
        if (Told is { } told) await told.FirstAsync(session, fence.Job, fence.Attempt).ConfigureAwait(false);
        return await write(await LoggedOutput.LastAsync(session, fence).ConfigureAwait(false)).WithinAsync(session).ConfigureAwait(false);
    }
}

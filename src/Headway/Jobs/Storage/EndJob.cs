using Headway.Jobs.Waiting;
using Headway.Storage;
using Headway.Streams;

namespace Headway.Jobs.Storage;

/// <summary>Ends a job under the fence: out of the queue, record finished, the rest of its output logged, audit event written.</summary>
/// <remarks>Invariant: of all that try to end one attempt, at most one sees true, because leaving the queue names lease and attempt.</remarks>
internal sealed class EndJob(Fence fence, Ending ending, FailedAttempt? attempt, IReadOnlyList<LogRow> tail) : Write<bool>
{
    private static readonly Sql Leave = Sql.At("Jobs/Storage/LeaveQueue");

    internal override IReadOnlyList<Claim> Claims => ending.Parent is { } parent ? [Claim.On(fence.Job), Wakes.On(parent.Job)] : [Claim.On(fence.Job)];

    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        var held = await session.Use(Leave).Bind(1, fence.Job).Bind(2, fence.Lease).Bind(3, fence.Attempt).ExecuteAsync().ConfigureAwait(false) == 1;
        if (!held) return false;
        await JobWrites.FinishJobAsync(session, fence.Job, ending).ConfigureAwait(false);
        if (attempt is not null) JobWrites.InsertAttempt(session, attempt);
        foreach (var row in tail) LogWrites.Append(session, fence.Job, row);
        return true;
    }
}

using Headway.Storage;
using Headway.Streams;

namespace Headway.Jobs.Storage;

/// <summary>Logs a piece of a job's output under the fence. False: the attempt is another's by now, and nothing was logged.</summary>
internal sealed class AppendOutput(Fence fence, LogRow row) : Write<bool>
{
    internal override IReadOnlyList<Claim> Claims => [Claim.On(fence.Job)];

    private static readonly Sql Held = Sql.At("Jobs/Storage/IsHeld");

    protected override async ValueTask<bool> ApplyAsync(Session session)
    {
        using (var held = session.Use(Held).Bind(1, fence.Job).Bind(2, fence.Lease).Bind(3, fence.Attempt))
        {
            if (!await held.StepAsync().ConfigureAwait(false)) return false;
        }
        LogWrites.Append(session, fence.Job, row);
        return true;
    }
}

/// <summary>Records how far an attempt is, sealed, under the fence.</summary>
internal sealed class SetProgress(Fence fence, byte[] progress) : Write<bool>
{
    private static readonly Sql Set = Sql.At("Jobs/Storage/SetProgress");

    protected override async ValueTask<bool> ApplyAsync(Session session) =>
        await session.Use(Set).Bind(1, progress).Bind(2, fence.Job).Bind(3, fence.Lease).Bind(4, fence.Attempt).ExecuteAsync().ConfigureAwait(false) == 1;
}

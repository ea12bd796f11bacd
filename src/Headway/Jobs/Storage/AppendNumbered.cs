using Headway.Storage;
using Headway.Streams;

namespace Headway.Jobs.Storage;

/// <summary>Logs events whose ids were given by who wrote them: under the fence, and only where they follow the last one. Null: the attempt is another's by now.</summary>
/// <returns>The last event that is in the log now.</returns>
/// <remarks>Invariant: no gap and no repeat, whoever says a thing twice, at the same time, and to whichever nodes: the last event is read under a lock on the job's row.</remarks>
internal sealed class AppendNumbered(Fence fence, LogRow row, byte[]? progress) : Write<long?>
{
    private static readonly Sql Lock = Sql.At("Jobs/Storage/LockHeld");

    internal override IReadOnlyList<Claim> Claims => [Claim.On(fence.Job)];

    protected override async ValueTask<long?> ApplyAsync(Session session)
    {
        using (var held = session.Use(Lock).Bind(1, fence.Job).Bind(2, fence.Lease).Bind(3, fence.Attempt))
        {
            if (!await held.StepAsync().ConfigureAwait(false)) return null;
        }
        var last = await LoggedOutput.LastAsync(session, fence).ConfigureAwait(false) ?? LoggedOutput.Before(fence.Attempt);
        if (row.First != last + 1) return last;
        LogWrites.Append(session, fence.Job, row);
        if (progress is not null) await new SetProgress(fence, progress).WithinAsync(session).ConfigureAwait(false);
        return row.Last;
    }
}

/// <summary>What the log holds of an attempt.</summary>
internal static class LoggedOutput
{
    private static readonly Sql Last = Sql.At("Jobs/Storage/LastLogged");
    private static readonly Sql Bytes = Sql.At("Jobs/Storage/LoggedBytes");

    /// <summary>The id before an attempt's first event, which of a later attempt is `restart`.</summary>
    public static long Before(int attempt) => LogEvent.FirstOf(attempt) - (attempt > 1 ? 1 : 0);

    /// <summary>The attempt's last event; null: it has none.</summary>
    public static async ValueTask<long?> LastAsync(Session session, Fence fence)
    {
        using var last = session.Use(Last).Bind(1, fence.Job);
        return await last.StepAsync().ConfigureAwait(false) && last.Int64(0) > Before(fence.Attempt) ? last.Int64(0) : null;
    }

    public static async ValueTask<long> BytesAsync(Session session, Fence fence)
    {
        using var bytes = session.Use(Bytes).Bind(1, fence.Job).Bind(2, LogEvent.FirstOf(fence.Attempt));
        await bytes.StepAsync().ConfigureAwait(false);
        return bytes.Int64(0);
    }
}

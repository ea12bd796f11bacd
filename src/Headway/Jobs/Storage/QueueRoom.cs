using Headway.Storage;
using Headway.Storage.Sqlite;

namespace Headway.Jobs.Storage;

/// <summary>How many more jobs a pool's queue takes before it must be counted again. Used by the writer's thread alone.</summary>
/// <remarks>
/// The cap is on work that was accepted and neither runs nor has ended: jobs that wait for their turn, for their start time, or for their next
/// attempt. Counting costs as much as the queue is long, so it is not done for each call: a queue that had room for n takes n acceptances
/// before it can be full. It is exact at the bound, because the last of them is counted for. What was accepted is never refused: a retry, a
/// snooze, a rescue or a replay goes back into a full queue and exceeds the cap, and the next acceptances wait until it is worked off.
/// </remarks>
internal sealed class QueueRoom
{
    // Longer queues are not counted again for every call that is refused, or refusing would keep the writer from writing.
    private const int CheapCount = 10_000;
    private const long FullForMilliseconds = 100;

    private static readonly Sql Count = Sql.At("Jobs/Storage/CountQueued");

    private long _left;
    private long _fullUntil = long.MinValue;

    /// <summary>False: the queue is full.</summary>
    public bool TryTake(SqliteSession session, long pool, int limit, long now)
    {
        if (_left <= 0 && now >= _fullUntil)
        {
            using var count = session.Use(Count).Bind(1, pool).Bind(2, limit);
            count.Step();
            _left = limit - count.Int64(0);
            if (_left <= 0 && limit > CheapCount) _fullUntil = now + FullForMilliseconds;
        }
        if (_left <= 0) return false;
        _left--;
        return true;
    }

    /// <summary>The bound was changed: what was counted against the old one says nothing.</summary>
    public void Forget()
    {
        Volatile.Write(ref _left, 0);
        Volatile.Write(ref _fullUntil, long.MinValue);
    }
}

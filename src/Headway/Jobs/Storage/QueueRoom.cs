using Headway.Storage;

namespace Headway.Jobs.Storage;

/// <summary>How many more jobs the queue of a pool, or of a tenant, takes before it must be counted again. Used by one writer alone, that of new jobs.</summary>
/// <remarks>
/// The cap is on work that was accepted and neither runs nor has ended: jobs that wait for their turn, for their start time, or for their next
/// attempt. Counting costs as much as the queue is long, so it is not done for each call: a queue that had room for n takes n acceptances
/// before it can be full. It is exact at the bound, because the last of them is counted for. What was accepted is never refused: a retry, a
/// snooze, a rescue or a replay goes back into a full queue and exceeds the cap, and the next acceptances wait until it is worked off.
///
/// Of operations in step, what one has taken may or may not be seen yet by the count of another: it is taken off in any case. So at the bound one may be
/// refused for whom there was room but for those beside it, and none is accepted beyond.
///
/// Where other nodes accept as well, a count holds for a second: so a queue can exceed its cap by what each further node found free in the same second,
/// and no more.
/// </remarks>
internal sealed class QueueRoom
{
    // Longer queues are not counted again for every call that is refused, or refusing would keep the writer from writing.
    private const int CheapCount = 10_000;
    private const long FullForMilliseconds = 100;

    // A long queue is counted more seldom for the same reason.
    private const long FreshForMilliseconds = 1_000;
    private const long LongFreshForMilliseconds = 10_000;

    private long _left;
    private int _counted;
    private long _fullUntil = long.MinValue;
    private long _staleAt = long.MaxValue;
    private object? _group;
    private int _takenInGroup;

    /// <param name="ask">What counts it, up to the limit.</param>
    /// <returns>False: the queue is full.</returns>
    public async ValueTask<bool> TryTakeAsync(Session session, Func<Session, Statement> ask, int limit, long now) => await TakeAsync(session, ask, limit, now, 1).ConfigureAwait(false) == 1;

    /// <summary>Takes room for several; gives for how many there is.</summary>
    public async ValueTask<int> TakeAsync(Session session, Func<Session, Statement> ask, int limit, long now, int wanted)
    {
        if (session.Group is { } group && !ReferenceEquals(group, _group)) (_group, _takenInGroup) = (group, 0);
        if ((_left < wanted || now >= _staleAt) && now >= _fullUntil)
        {
            var counted = _counted;
            using var count = ask(session);
            await count.StepAsync().ConfigureAwait(false);
            // Of those that counted together the first one's count holds: the others would forget what was taken since.
            if (counted == _counted)
            {
                _counted++;
                _left = limit - count.Int64(0) - _takenInGroup;
                if (session.Dialect is SqlDialect.Postgres) _staleAt = now + (limit > CheapCount ? LongFreshForMilliseconds : FreshForMilliseconds);
            }
            if (_left <= 0 && limit > CheapCount) _fullUntil = now + FullForMilliseconds;
        }
        var taken = (int)Math.Clamp(_left, 0, wanted);
        _left -= taken;
        if (session.Group is not null) _takenInGroup += taken;
        return taken;
    }

    /// <summary>The bound was changed: what was counted against the old one says nothing.</summary>
    public void Forget()
    {
        Volatile.Write(ref _left, 0);
        Volatile.Write(ref _fullUntil, long.MinValue);
    }
}

using Headway.Features;
using Headway.Models.Limits;
using Headway.Storage;

namespace Headway.Jobs.Accepting;

/// <summary>How many calls a tenant may still make in this minute, as far as this node has a share of them. What is over is refused: a call does not wait for a minute to pass.</summary>
/// <remarks>
/// The minute is shared among nodes as that of a model is: in slices, by <see cref="TakeSlice"/>. Invariant: a call goes only while the slice has one left. One write at a time asks for more, for all who came meanwhile;
/// who came while nothing was left is told when there will be.
/// </remarks>
/// <param name="key">What it is counted under, beside the models and like none of them.</param>
/// <param name="lease">The number under which this node lives.</param>
internal sealed class CallRate(string key, Database database, Func<long> lease)
{
    private readonly Lock _lock = new();
    private readonly Allowance _allowance = new();
    private readonly long _began = database.Time.GetTimestamp();
    private ModelLimits _seen = new();
    private Task _asking = Task.CompletedTask;
    private int _waiting;
    private TimeSpan _used;

    private TimeSpan Now => database.Time.GetElapsedTime(_began);

    /// <summary>It has not been asked for as long as a call counts, and has nothing to tell the database: another in its place would be no worse.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock) return _asking.IsCompleted && _waiting == 0 && !_allowance.HasUnsettled && Now - _used > TimeSpan.FromSeconds(RateWindow.Counts);
        }
    }

    /// <summary>Null: the call counts, and may go. Else: after how long one may.</summary>
    public async ValueTask<TimeSpan?> TryEnterAsync(int perMinute)
    {
        while (true)
        {
            Task asking;
            lock (_lock)
            {
                var (limits, now) = (Look(perMinute), _used = Now);
                if (_allowance.HasRate(limits, 0, now))
                {
                    _allowance.Enter(limits, 0, now);
                    _allowance.Leave(default, null, now);
                    return null;
                }
                if (_asking.IsCompleted && !_allowance.MayAskRate(now)) return _allowance.AskAgain(rate: true, now);
                _waiting++;
                asking = _asking = _asking.IsCompleted ? WriteAsync(_allowance.Ask(key, limits, lease(), _waiting, 0, 0, now), now) : _asking;
            }
            try
            {
                await asking.ConfigureAwait(false);
            }
            finally
            {
                lock (_lock) _waiting--;
            }
        }
    }

    /// <summary>How many calls are left, and how long until there are more; as this node knows it. Null: it does not know.</summary>
    public RateLeft? Left(int perMinute)
    {
        lock (_lock) return _allowance.Left(Look(perMinute), Now);
    }

    /// <summary>Gives back what was not used.</summary>
    /// <param name="all">Also what is held for calls that may come within the second.</param>
    public async Task SettleAsync(bool all)
    {
        Task asking;
        lock (_lock)
        {
            var now = Now;
            if (!_asking.IsCompleted || !_allowance.HasUnsettled || (!all && !_allowance.MaySettle(now))) return;
            asking = _asking = WriteAsync(_allowance.Ask(key, _seen, lease(), 0, 0, 0, all ? now + TimeSpan.FromHours(1) : now), now);
        }
        await asking.ConfigureAwait(false);
    }

    private ModelLimits Look(int perMinute)
    {
        if (_seen.RequestsPerMinute == perMinute) return _seen;
        _allowance.Forget();
        return _seen = new ModelLimits { RequestsPerMinute = perMinute };
    }

    private async Task WriteAsync(SliceAsk ask, TimeSpan sent)
    {
        try
        {
            var verdict = await database.WriteAsync(new TakeSlice(ask, database.Time)).ConfigureAwait(false);
            lock (_lock) _allowance.Take(ask, verdict, sent, Now);
        }
        catch
        {
            lock (_lock) _allowance.Restore(ask);
            throw;
        }
    }
}

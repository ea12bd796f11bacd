using Headway.Features;

namespace Headway.Models.Limits;

/// <summary>What this node may use of a model's limits now, in memory: a slice of the minute, and calls at once. Guarded by its gate.</summary>
/// <remarks>
/// Invariants. What is handed out of a slice is within what was granted for it, and is handed out before the slice ends: its end is reckoned from
/// before it was asked for, on a clock that nobody sets. What is left of it, what was never sent and what cost fewer tokens than thought is used
/// within the slice or given back in a later write, never both. Calls are let through only while fewer are open than the node holds under
/// its present lease; a lower number is kept to from the moment in which it is asked for, a higher one from the verdict on.
/// </remarks>
internal sealed class Allowance
{
    /// <summary>Where other nodes hold what is lacking, it is asked for again this often.</summary>
    private static readonly TimeSpan SlotsAgain = TimeSpan.FromMilliseconds(250);

    private static readonly TimeSpan RatePeriod = TimeSpan.FromSeconds(1);

    /// <summary>Slots are kept this long, up to twice, after they were last needed.</summary>
    public static readonly TimeSpan SlotPeriod = TimeSpan.FromSeconds(5);

    private readonly Dictionary<long, Granted> _corrections = [];
    private readonly Lately _passed = new(RatePeriod);
    private readonly Lately _tokensPassed = new(RatePeriod);
    private readonly Lately _openLately = new(SlotPeriod);

    private Granted _slice;
    private TimeSpan _sliceEnds;
    private (IReadOnlyList<Granted> Counted, long Now, TimeSpan At)? _known;
    private TimeSpan _ratesFrom;
    private TimeSpan _slotsFrom;
    private TimeSpan _settleFrom;
    private long _held;
    private long _heldUnder;
    private TimeSpan? _pace;

    /// <summary>Calls that are open.</summary>
    public long Open { get; private set; }

    /// <summary>Something is to be told to the database, although nobody waits.</summary>
    public bool HasUnsettled => _corrections.Count > 0 || HasSlice || _held > 0;

    private bool HasSlice => _slice.Requests > 0 || _slice.Tokens > 0;

    public bool HasRate(ModelLimits limits, long tokens, TimeSpan now) => !limits.HasRates || (now < _sliceEnds && _slice.Requests >= 1 && _slice.Tokens >= tokens);

    public bool HasSlot(ModelLimits limits, long lease) => limits.Concurrency is not { } most || (_heldUnder == lease && Open < Math.Min(_held, most));

    /// <summary>Whether asking may help: nothing says that there is none before a later time.</summary>
    public bool MayAskRate(TimeSpan now) => now >= _ratesFrom;

    public bool MayAskSlot(ModelLimits limits, long lease, TimeSpan now) => _heldUnder != lease || (_held < limits.Concurrency && now >= _slotsFrom);

    /// <summary>When asking may help again.</summary>
    public TimeSpan AskAgain(bool rate, TimeSpan now) => (rate ? _ratesFrom : _slotsFrom) is var from && from > now ? from - now : TimeSpan.Zero;

    /// <summary>One call goes through; the second in which it is counted, or zero.</summary>
    public long Enter(ModelLimits limits, long tokens, TimeSpan now)
    {
        Open++;
        _openLately.Raise(Open, now);
        if (!limits.HasRates) return 0;
        _passed.Add(1, now);
        _tokensPassed.Add(tokens, now);
        _slice = _slice with { Requests = _slice.Requests - 1, Tokens = _slice.Tokens - tokens };
        return _slice.Second;
    }

    /// <summary>A call is over.</summary>
    /// <param name="change">What it used more (or less) than it was let through with.</param>
    public void Leave(Granted change, TimeSpan? took, TimeSpan now)
    {
        Open--;
        if (took is { } time) _pace = _pace is { } pace ? (pace * 0.9) + (time * 0.1) : time;
        if (change.Second == 0 || change is { Requests: 0, Tokens: 0 }) return;
        if (change.Tokens > 0)
        {
            Correct(change with { Second = 0 });
            return;
        }
        if (change.Second == _slice.Second && now < _sliceEnds) _slice = _slice with { Requests = _slice.Requests - change.Requests, Tokens = _slice.Tokens - change.Tokens };
        else Correct(change);
        _ratesFrom = TimeSpan.Zero;
    }

    /// <summary>The limits have changed: what was known of them says nothing any more.</summary>
    public void Forget()
    {
        (_ratesFrom, _slotsFrom, _known) = (TimeSpan.Zero, TimeSpan.Zero, null);
        GiveBackSlice();
    }

    /// <param name="waiting">How many wait, of whom the first needs <paramref name="least"/> tokens and all together <paramref name="tokens"/>.</param>
    public SliceAsk Ask(string model, ModelLimits limits, long lease, long waiting, long tokens, long least, TimeSpan now)
    {
        var asksRate = waiting > 0 && limits.HasRates && !HasRate(limits, least, now) && MayAskRate(now);
        if (asksRate || now >= _sliceEnds) GiveBackSlice();
        var ask = new SliceAsk(model, limits) { Corrections = [.. _corrections.Values], Slots = AskSlots(limits, lease, waiting, now) };
        _corrections.Clear();
        _settleFrom = now + RatePeriod;
        if (!asksRate) return ask;
        // No more than can go through at once, but some for those who are likely to come within the second.
        var room = limits.Concurrency is { } most ? Math.Clamp(most - Open, 1, waiting) : waiting;
        return ask with
        {
            Requests = room + _passed.Most(now),
            Tokens = limits.TokensPerMinute is null ? 0 : Math.Max(least, tokens / waiting * room) + _tokensPassed.Most(now),
            Least = least,
        };
    }

    /// <summary>The write did not happen: what it would have given back is still to be given back.</summary>
    public void Restore(SliceAsk ask)
    {
        foreach (var correction in ask.Corrections) Correct(correction);
    }

    /// <param name="sent">When it was asked for.</param>
    public void Take(SliceAsk ask, SliceVerdict verdict, TimeSpan sent, TimeSpan now)
    {
        _known = (verdict.Counted, verdict.Now, now);
        if (ask.Requests > 0)
        {
            (_slice, _sliceEnds) = (new Granted(verdict.Second, verdict.Requests, verdict.Tokens), sent + verdict.UsableFor);
            _ratesFrom = verdict.Requests > 0 ? TimeSpan.Zero : now + verdict.FreeIn;
        }
        if (ask.Slots is not { } slots) return;
        (_held, _heldUnder) = (verdict.Slots, slots.Lease);
        _slotsFrom = verdict.Slots < slots.Wanted ? now + SlotsAgain : TimeSpan.Zero;
    }

    /// <summary>When so many calls with so many tokens will have gone through, as far as that can be known.</summary>
    /// <param name="calls">Those that come before are among them.</param>
    public (TimeSpan? At, LimitWord Why) Expect(ModelLimits limits, long lease, long calls, long tokens, TimeSpan now)
    {
        var (at, why) = ((TimeSpan?)null, LimitWord.Requests);
        if (limits.HasRates && _known is { } known)
        {
            var (ofRequests, ofTokens) = RateWindow.FreeAt(known.Counted, limits, calls - Spare(static part => part.Requests), tokens - Spare(static part => part.Tokens), known.Now);
            at = known.At + TimeSpan.FromMilliseconds(Math.Max(ofRequests, ofTokens) - known.Now);
            why = ofTokens > ofRequests ? LimitWord.Tokens : LimitWord.Requests;
        }
        if (HasSlot(limits, lease) || limits.Concurrency is not { } most) return (at, why);
        var free = _pace is { } pace ? now + (pace * ((double)calls / most)) : (TimeSpan?)null;
        return free > at || at is null || at <= now ? (free, LimitWord.Concurrency) : (at, why);
    }

    /// <summary>How many calls are left of the minute, and when it has more; as it was when the database was last asked. Null: it was not, or nothing limits them.</summary>
    public RateLeft? Left(ModelLimits limits, TimeSpan now)
    {
        if (limits.RequestsPerMinute is not { } most || _known is not { } known) return null;
        var at = known.Now + (long)(now - known.At).TotalMilliseconds;
        var counted = known.Counted.Where(second => second.Second > RateWindow.LastPassed(at)).ToList();
        var left = Math.Clamp(most - counted.Sum(second => second.Requests) + Spare(static part => part.Requests), 0, most);
        return new RateLeft(left, counted.Count == 0 ? TimeSpan.Zero : TimeSpan.FromMilliseconds(RateWindow.PassesAt(counted[0].Second) - at));
    }

    // Counted already, and still to be used or given back.
    private long Spare(Func<Granted, long> amount) => amount(_slice) - _corrections.Values.Sum(amount);

    /// <summary>How long until something is to be told, with nobody waiting.</summary>
    public TimeSpan SettleIn(TimeSpan now) => _corrections.Count > 0 && _settleFrom > now ? _settleFrom - now
        : HasSlice && _sliceEnds > now ? _sliceEnds - now
        : SlotPeriod;

    /// <summary>Whether there is now something to tell.</summary>
    public bool MaySettle(TimeSpan now) =>
        (_corrections.Count > 0 && now >= _settleFrom) || (HasSlice && now >= _sliceEnds) || _held > Math.Max(Open, _openLately.Most(now));

    private SlotAsk? AskSlots(ModelLimits limits, long lease, long waiting, TimeSpan now)
    {
        var wanted = Math.Max(Open + waiting, _openLately.Most(now));
        if (limits.Concurrency is not { } most)
        {
            if (_held == 0) return null;
            wanted = 0;
        }
        else if (wanted > most)
        {
            wanted = most;
        }
        if (wanted == _held && lease == _heldUnder) return null;
        // Given up before the database knows, so that it never knows of fewer than are used.
        _held = Math.Min(_held, Math.Max(wanted, Open));
        return new SlotAsk(lease, Open, wanted);
    }

    private void GiveBackSlice()
    {
        if (_slice.Requests > 0 || _slice.Tokens > 0) Correct(_slice with { Requests = -_slice.Requests, Tokens = -_slice.Tokens });
        _slice = default;
        _sliceEnds = TimeSpan.Zero;
    }

    private void Correct(Granted change) =>
        _corrections[change.Second] = _corrections.TryGetValue(change.Second, out var known)
            ? known with { Requests = known.Requests + change.Requests, Tokens = known.Tokens + change.Tokens }
            : change;
}

/// <param name="Calls">How many may be made now.</param>
/// <param name="Until">How long until it is more.</param>
internal readonly record struct RateLeft(long Calls, TimeSpan Until);

/// <summary>The limit that is waited for.</summary>
internal enum LimitWord { Requests, Tokens, Concurrency }

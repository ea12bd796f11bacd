using System.Globalization;
using Headway.Features;
using Headway.Storage;

namespace Headway.Models.Limits;

/// <summary>Lets calls of one model through as its limits allow, and keeps the others in a line that is fair among tenants.</summary>
/// <remarks>
/// What may be used is held in an <see cref="Allowance"/>, so a call that finds it there costs no write. Everything that can change
/// who may go (a call, its end, a verdict, the clock, a reload) ends in <see cref="Move"/>, which lets through who may go, then writes or sets
/// the timer. Invariants: one write at a time is under way; nobody goes while another waits before him; while somebody waits, a write or the
/// timer or a call that is open will bring the next look.
/// </remarks>
internal sealed class ModelGate : IDisposable
{
    /// <summary>For a line that is full, and for a wait of unknown length.</summary>
    private static readonly TimeSpan UnsaidWait = TimeSpan.FromSeconds(1);

    private readonly Lock _lock = new();
    private readonly string _model;
    private readonly Database _database;
    private readonly Func<long> _lease;
    private readonly Func<ModelLimits> _limits;
    private readonly long _began;
    private readonly ITimer _timer;
    private readonly FairLine _line = new();
    private readonly Allowance _allowance = new();
    private ModelLimits _seen = new();
    private bool _writing;
    private bool _reckons;
    private bool _closed;

    /// <param name="lease">The number under which this node lives.</param>
    /// <param name="limits">As the feature file has them now.</param>
    public ModelGate(string model, Database database, Func<long> lease, Func<ModelLimits> limits)
    {
        (_model, _database, _lease, _limits) = (model, database, lease, limits);
        _began = Time.GetTimestamp();
        _timer = Time.CreateTimer(_ => Look(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private TimeProvider Time => _database.Time;

    private TimeSpan Now => Time.GetElapsedTime(_began);

    /// <summary>A write is under way: what it brings is not known yet.</summary>
    public bool IsWriting
    {
        get
        {
            lock (_lock) return _writing;
        }
    }

    /// <summary>Calls that wait.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock) return _line.Count;
        }
    }

    /// <summary>Waits until the call may be made, or says at once that it cannot be within its time.</summary>
    public async ValueTask<GateEntry> EnterAsync(ModelDefinition model, GateCall call, CancellationToken stop)
    {
        Waiter waiter;
        lock (_lock)
        {
            var now = Now;
            if (call.Tokens > model.Limits.TokensPerMinute) return new GateEntry(null, Faults.OverLimit(model, call.Tokens));
            var limits = _limits();
            if (_line.Count == 0 && limits == _seen && Admits(limits, call.Tokens, now)) return new GateEntry(Let(call.Tokens, now, waited: false), null);
            if (!_line.HasRoom(call.Tenant)) return new GateEntry(null, Faults.LimitReached(model, "its line of callers is full", UnsaidWait));
            waiter = new Waiter(model, call.Tenant, call.Tokens, now + call.Patience, call.Waits);
            _line.Add(waiter);
            Move();
            if (waiter.Place is not null && !_writing) Reckon(waiter, _line.Before(call.Tenant) + 1, now);
        }
        return await WaitAsync(waiter, call.Patience, stop).ConfigureAwait(false);
    }

    private async ValueTask<GateEntry> WaitAsync(Waiter waiter, TimeSpan patience, CancellationToken stop)
    {
        try
        {
            return await waiter.Entered.Task.WaitAsync(patience, Time, stop).ConfigureAwait(false);
        }
        catch (Exception error) when (error is TimeoutException or OperationCanceledException)
        {
            if (!GiveUp(waiter))
            {
                // Decided in the same moment.
                var entry = await waiter.Entered.Task.ConfigureAwait(false);
                if (error is TimeoutException) return entry;
                entry.Pass?.Dispose();
            }
            if (error is OperationCanceledException) throw;
            return new GateEntry(null, Refusal(waiter));
        }
        finally
        {
            waiter.Waits.Replace(waiter.Told, null);
        }
    }

    /// <summary>The call that had a pass is over.</summary>
    /// <param name="began">Null: it was never made.</param>
    public void Leave(Granted change, TimeSpan? began)
    {
        lock (_lock)
        {
            var now = Now;
            _allowance.Leave(change, now - began, now);
            Move();
        }
    }

    /// <summary>The clock or the feature file may have changed something.</summary>
    public void Look()
    {
        lock (_lock) Move();
    }

    /// <summary>Tells the database what is still to be told.</summary>
    public async Task SettleAsync()
    {
        SliceAsk ask;
        lock (_lock)
        {
            _closed = true;
            if (!_allowance.HasUnsettled) return;
            // As if all its time had passed: what is held for later callers is given back too.
            ask = _allowance.Ask(_model, _limits(), _lease(), 0, 0, 0, Now + TimeSpan.FromHours(1));
        }
        await _database.WriteAsync(new TakeSlice(ask, Time)).ConfigureAwait(false);
    }

    public void Dispose()
    {
        lock (_lock) _closed = true;
        _timer.Dispose();
    }

    private bool GiveUp(Waiter waiter)
    {
        lock (_lock)
        {
            if (!_line.Remove(waiter)) return false;
            Move();
            return true;
        }
    }

    private void Move()
    {
        var (limits, now, lease) = (_limits(), Now, _lease());
        if (limits != _seen)
        {
            (_seen, _reckons) = (limits, true);
            _allowance.Forget();
        }
        while (_line.First is { } first)
        {
            // The limit may have been lowered while it waited.
            var never = first.Tokens > limits.TokensPerMinute;
            if (!never && !Admits(limits, first.Tokens, now)) break;
            _line.Take();
            first.Entered.SetResult(never ? new GateEntry(null, Faults.OverLimit(first.Model, first.Tokens)) : new GateEntry(Let(first.Tokens, now, waited: true), null));
        }
        if (_writing || _closed) return;
        var least = _line.First?.Tokens ?? 0;
        var (lacksRate, lacksSlot) = (!_allowance.HasRate(limits, least, now), !_allowance.HasSlot(limits, lease));
        var mayAsk = (!lacksRate || _allowance.MayAskRate(now)) && (!lacksSlot || _allowance.MayAskSlot(limits, lease, now));
        if (_line.Count > 0 ? mayAsk : _allowance.MaySettle(now))
        {
            _writing = true;
            _ = WriteAsync(_allowance.Ask(_model, limits, lease, _line.Count, _line.Tokens, least, now), now);
            return;
        }
        if (_line.Count > 0 && _reckons) ReckonAll(limits, lease, now);
        SetTimer(lacksRate, limits, lease, now);
    }

    private void SetTimer(bool lacksRate, ModelLimits limits, long lease, TimeSpan now)
    {
        if (_line.Count == 0)
        {
            _timer.Change(_allowance.HasUnsettled ? _allowance.SettleIn(now) : Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            return;
        }
        var rate = lacksRate ? _allowance.AskAgain(rate: true, now) : TimeSpan.Zero;
        var slot = _allowance.HasSlot(limits, lease) ? TimeSpan.Zero : _allowance.AskAgain(rate: false, now);
        var later = rate > slot ? rate : slot;
        // All slots are this node's own: the end of a call is what is waited for.
        _timer.Change(later > TimeSpan.Zero ? later + TimeSpan.FromMilliseconds(1) : Allowance.SlotPeriod, Timeout.InfiniteTimeSpan);
    }

    private async Task WriteAsync(SliceAsk ask, TimeSpan sent)
    {
        try
        {
            var verdict = await _database.WriteAsync(new TakeSlice(ask, Time)).ConfigureAwait(false);
            lock (_lock)
            {
                _writing = false;
                _reckons = true;
                _allowance.Take(ask, verdict, sent, Now);
                Move();
            }
        }
#pragma warning disable CA1031 // Whatever went wrong belongs to those who wait.
        catch (Exception error)
#pragma warning restore CA1031
        {
            lock (_lock)
            {
                _writing = false;
                _allowance.Restore(ask);
                while (_line.Count > 0) _line.Take().Entered.SetException(error);
                if (!_closed) _timer.Change(UnsaidWait, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private bool Admits(ModelLimits limits, long tokens, TimeSpan now) => _allowance.HasRate(limits, tokens, now) && _allowance.HasSlot(limits, _lease());

    private ModelPass Let(long tokens, TimeSpan now, bool waited) => new(this, _allowance.Enter(_limits(), tokens, now), tokens, now, waited);

    // Whoever cannot be served within its time is told so, and those behind it come sooner.
    private void ReckonAll(ModelLimits limits, long lease, TimeSpan now)
    {
        _reckons = false;
        var (calls, tokens) = (0L, 0L);
        foreach (var waiter in _line.InTurn())
        {
            if (!Reckon(waiter, limits, lease, calls + 1, tokens + waiter.Tokens, now)) continue;
            calls++;
            tokens += waiter.Tokens;
        }
    }

    private void Reckon(Waiter waiter, long place, TimeSpan now) => Reckon(waiter, _limits(), _lease(), place, (_line.Tokens / _line.Count * (place - 1)) + waiter.Tokens, now);

    /// <summary>False: it waits no more.</summary>
    private bool Reckon(Waiter waiter, ModelLimits limits, long lease, long calls, long tokens, TimeSpan now)
    {
        var (expected, why) = _allowance.Expect(limits, lease, calls, tokens, now);
        waiter.Expected = expected;
        var wait = new ModelWait(_model, LimitOf(limits, why), expected is { } at ? Time.GetUtcNow() + (at - now) : null);
        waiter.Waits.Replace(waiter.Told, wait);
        waiter.Told = wait;
        if (expected is null || expected <= waiter.GivesUp) return true;
        _line.Remove(waiter);
        waiter.Entered.SetResult(new GateEntry(null, Refusal(waiter)));
        return false;
    }

    // Longer than a preferred model is waited for, so that the chain goes on to the next.
    private ModelFault Refusal(Waiter waiter) => Faults.LimitReached(
        waiter.Model, waiter.Told is { } told ? $"its {told.Limit} is used up" : "its limits are used up", waiter.Expected is { } at && at - Now > UnsaidWait ? at - Now : UnsaidWait);

    private static string LimitOf(ModelLimits limits, LimitWord why) => why switch
    {
        LimitWord.Concurrency => Text($"limit of {limits.Concurrency} calls at once"),
        LimitWord.Tokens => Text($"limit of {limits.TokensPerMinute:N0} tokens a minute"),
        _ => Text($"limit of {limits.RequestsPerMinute:N0} requests a minute"),
    };

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

/// <summary>A call that asks to be let through.</summary>
/// <param name="Tokens">The most it is thought to use; zero where no limit counts them.</param>
/// <param name="Patience">How long it may wait.</param>
internal readonly record struct GateCall(string Tenant, long Tokens, TimeSpan Patience, AttemptWaits Waits);

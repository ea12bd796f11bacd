using Headway.Features;

namespace Headway.Models;

/// <summary>The time limits of one call: cancels <see cref="Token"/> when one passes, and says which.</summary>
/// <remarks>One limit on the whole is not enough: a connection that hangs, a model that never starts and a stream that falls silent
/// are told apart, because each has another cure and the next model can be asked long before the whole time is gone. Where one can, a silence ends
/// earlier if it must (<see cref="ModelRequest.Silence"/>).</remarks>
internal sealed class Patience : IDisposable
{
    private readonly ModelTimeouts _limits;
    private readonly Func<TimeSpan, TimeSpan>? _silence;
    private readonly CancellationTokenSource _cancel;
    private readonly ITimer _total;
    private readonly ITimer _phase;
    private volatile Limit _waitingFor = Limit.None;
    private TimeSpan _inEffect;
    private int _passed;

    public Patience(ModelTimeouts limits, TimeProvider time, Func<TimeSpan, TimeSpan>? silence, CancellationToken stop)
    {
        (_limits, _silence) = (limits, silence);
        _cancel = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _phase = time.CreateTimer(_ => Pass(_waitingFor), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _total = time.CreateTimer(_ => Pass(Limit.Total), null, limits.Total, Timeout.InfiniteTimeSpan);
    }

    public CancellationToken Token => _cancel.Token;

    /// <summary>The limit that passed; none while the call may go on.</summary>
    public Limit Passed => (Limit)Volatile.Read(ref _passed);

    /// <summary>From now on the given limit counts, in place of the one before.</summary>
    public void WaitFor(Limit limit)
    {
        _waitingFor = limit;
        _inEffect = limit switch
        {
            Limit.None => Timeout.InfiniteTimeSpan,
            // The timer on the whole runs from the beginning; here is only what strikes before it.
            Limit.Total => _silence?.Invoke(_limits.Total) is { } cut && cut < _limits.Total ? cut : Timeout.InfiniteTimeSpan,
            _ => _silence?.Invoke(Of(limit)) ?? Of(limit),
        };
        _phase.Change(_inEffect, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Only the whole counts: the upstream is not to blame for a slow reader.</summary>
    public void Pause() => WaitFor(Limit.None);

    public void Dispose()
    {
        _phase.Dispose();
        _total.Dispose();
        _cancel.Dispose();
    }

    /// <summary>What became of the call when a limit passed.</summary>
    public ModelFault Fault(ModelDefinition model) =>
        Faults.Timeout(model, Passed, Passed == _waitingFor && _inEffect != Timeout.InfiniteTimeSpan ? _inEffect : Of(Passed), Of(Passed));

    private TimeSpan Of(Limit limit) => limit switch
    {
        Limit.Connect => _limits.Connect,
        Limit.FirstToken => _limits.FirstToken,
        Limit.Idle => _limits.Idle,
        Limit.Total => _limits.Total,
        _ => Timeout.InfiniteTimeSpan,
    };

    private void Pass(Limit limit)
    {
        if (limit is Limit.None || Interlocked.CompareExchange(ref _passed, (int)limit, (int)Limit.None) != (int)Limit.None)
            return;
        try
        {
            _cancel.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call ended in the same instant; its own end stands.
        }
    }
}

/// <summary>One of the time limits of a call.</summary>
internal enum Limit { None, Connect, FirstToken, Idle, Total }

namespace Headway.Models.Limits;

/// <summary>A call may be made. Disposed when it is over, however it ended.</summary>
internal sealed class ModelPass(ModelGate gate, long second, long tokens, TimeSpan began, bool waited) : IDisposable
{
    private bool _sent;
    private long? _used;
    private int _over;

    /// <summary>It stood in line, so that what was known before may be so no more.</summary>
    public bool Waited => waited;

    /// <summary>The model is asked now: from here on the call counts, whatever comes of it.</summary>
    public void Send() => _sent = true;

    /// <summary>What the call used, where that is known; otherwise all that it was let through with counts as used.</summary>
    public void Use(Usage usage)
    {
        if (usage.InputTokens + usage.OutputTokens is > 0 and var used) _used = used;
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _over, 1) != 0) return;
        var change = !_sent ? new Granted(second, -1, -tokens) : new Granted(second, 0, _used is { } used ? used - tokens : 0);
        gate.Leave(change, _sent ? began : null);
    }
}

/// <summary>A call was let through, or why not.</summary>
internal readonly record struct GateEntry(ModelPass? Pass, ModelFault? Fault);

namespace Headway.AspNetCore;

/// <summary>The node's engine, once it runs. The hosted service puts it here; endpoints take it from here.</summary>
internal sealed class EngineHost : IAsyncDisposable
{
    private Engine? _engine;

    public Engine Engine => _engine ?? throw new InvalidOperationException("Headway has not started. AddHeadway() registers the service that starts it with the host.");

    public bool IsRunning => _engine is not null;

    /// <summary>The clock of the node's database; null: it does not run.</summary>
    public TimeProvider? Time => _engine?.Database.Time;

    public void Set(Engine? engine) => _engine = engine;

    // A host that fails to start is disposed of without having been stopped: the address was taken, say. The node must not live on behind it.
    public async ValueTask DisposeAsync()
    {
        if (_engine is { } engine) await engine.DisposeAsync();
        _engine = null;
    }
}

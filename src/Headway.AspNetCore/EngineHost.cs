namespace Headway.AspNetCore;

/// <summary>The node's engine, once it runs. The hosted service puts it here; endpoints take it from here.</summary>
internal sealed class EngineHost
{
    private Engine? _engine;

    public Engine Engine => _engine ?? throw new InvalidOperationException("Headway has not started. AddHeadway() registers the service that starts it with the host.");

    public bool IsRunning => _engine is not null;

    public void Set(Engine? engine) => _engine = engine;
}

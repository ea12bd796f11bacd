using Microsoft.Extensions.Options;

namespace Headway.AspNetCore;

/// <summary>The clock of the node's database, which every time in a job is by: the machine's may say something else. Before the node runs there is only that.</summary>
internal sealed class NodeClock(EngineHost host, IOptions<HeadwayOptions> options) : TimeProvider
{
    private readonly TimeProvider _machine = options.Value.Time;

    public override DateTimeOffset GetUtcNow() => (host.Time ?? _machine).GetUtcNow();

    public override long TimestampFrequency => _machine.TimestampFrequency;

    public override long GetTimestamp() => _machine.GetTimestamp();

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => _machine.CreateTimer(callback, state, dueTime, period);
}

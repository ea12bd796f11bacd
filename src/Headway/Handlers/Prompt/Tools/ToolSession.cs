using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace Headway.Handlers.Prompt.Tools;

/// <summary>A connection to a tool server, and the tools it had when it was last asked. Closed when it was given up and the last call on it has ended.</summary>
internal sealed class ToolSession(McpClient client)
{
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _free = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _users;
    private bool _isGivenUp;
    private Task _closed = Task.CompletedTask;

    public McpClient Client { get; } = client;
    public IReadOnlyList<Tool> Tools { get; private set; } = [];
    public DateTimeOffset Listed { get; private set; }

    /// <summary>The server has not closed it, nor has it been given up.</summary>
    public bool IsOpen
    {
        get
        {
            lock (_gate) return !_isGivenUp && !Client.Completion.IsCompleted;
        }
    }

    public void Offer(IReadOnlyList<Tool> tools, DateTimeOffset now) => (Tools, Listed) = (tools, now);

    /// <summary>False: it was given up a moment ago.</summary>
    public bool TryUse()
    {
        lock (_gate)
        {
            if (_isGivenUp) return false;
            _users++;
            return true;
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            if (--_users == 0 && _isGivenUp) _free.TrySetResult();
        }
    }

    /// <summary>Ends when it is closed.</summary>
    /// <param name="longest">How long calls may still go on.</param>
    public Task GiveUpAsync(TimeSpan longest, TimeProvider time)
    {
        lock (_gate)
        {
            if (_isGivenUp) return _closed;
            _isGivenUp = true;
            if (_users == 0) _free.TrySetResult();
            return _closed = CloseAsync(longest, time);
        }
    }

    private async Task CloseAsync(TimeSpan longest, TimeProvider time)
    {
        // Out of the lock of whoever gives it up.
        await Task.Yield();
        await Task.WhenAny(_free.Task, Task.Delay(longest, time)).ConfigureAwait(false);
        // How a connection ends that nobody needs any more concerns nobody.
        await Client.DisposeAsync().AsTask().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}

using Headway.Delivery.Storage;
using Headway.Features;
using Headway.Storage;

namespace Headway.Delivery.Sending;

/// <summary>What this node sends to one endpoint: as much at once as the endpoint takes, and nobody else's deliveries wait for it.</summary>
internal sealed class Lane(string name, Deliveries deliveries)
{
    private readonly Lock _gate = new();
    private int _busy;
    private bool _wanted, _claims, _closed;
    private TaskCompletionSource? _idle;

    /// <summary>Something may be due. Looks that come while one is under way become one more.</summary>
    public void Look()
    {
        lock (_gate)
        {
            _wanted = true;
            if (_claims || _closed) return;
            _claims = true;
        }
        _ = Task.Run(ClaimAsync);
    }

    /// <summary>Claims nothing more; ends when what is under way has.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            _closed = true;
            if (!IsAtWork) return Task.CompletedTask;
            return (_idle ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        }
    }

    /// <summary>Something is being claimed, or is on its way.</summary>
    public bool IsAtWork
    {
        get
        {
            lock (_gate) return _claims || _busy > 0;
        }
    }

    private int Most => deliveries.EndpointOf(name)?.Concurrency ?? 0;

    private async Task ClaimAsync()
    {
        try
        {
            while (Room() is var room and > 0 && deliveries.EndpointOf(name) is { } endpoint)
            {
                var claimed = await deliveries.ClaimAsync(endpoint, room).ConfigureAwait(false);
                lock (_gate)
                {
                    _busy += claimed.Count;
                    // Whoever was given all that he asked for looks for more, as soon as there is room.
                    _wanted |= claimed.Count == room;
                }
                foreach (var claim in claimed) _ = SendAsync(endpoint, claim);
            }
        }
        catch (StorageException)
        {
            // The next look comes by itself, and the database's own trouble is told where it is.
        }
        finally
        {
            Leave(claims: true);
        }
    }

    /// <summary>How much more may be under way; none where nobody has asked since the last look.</summary>
    private int Room()
    {
        lock (_gate)
        {
            if (!_wanted || _closed) return 0;
            var room = Most - _busy;
            if (room <= 0) return 0;
            _wanted = false;
            return room;
        }
    }

    private async Task SendAsync(EndpointDefinition endpoint, ClaimedDelivery claim)
    {
        try
        {
            await deliveries.SendAsync(endpoint, claim).ConfigureAwait(false);
        }
        finally
        {
            Leave(claims: false);
        }
    }

    private void Leave(bool claims)
    {
        bool again;
        lock (_gate)
        {
            if (claims) _claims = false;
            else _busy--;
            again = _wanted && !_closed && _busy < Most;
            if (_closed && !IsAtWork) _idle?.TrySetResult();
        }
        // Asked for while there was no place, or as the last look ended.
        if (again) Look();
    }
}

using System.Globalization;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>This node's right to be alive: one row, renewed; everything the node runs carries its number.</summary>
/// <remarks>
/// Invariant: two nodes never hold the same number, and a number that was given up is never used again. A node that finds its lease
/// expired drops what it runs before anybody may claim it, and goes on under a new number. On a file a lease that ran out is still held as long as
/// its row is there, whether the disk took no renewal, the process slept or the clock was set forward: this process is the one writer of the file, so
/// nobody else can have read the row as expired and taken anything, and this node never rescues from itself.
/// </remarks>
internal sealed class NodeLease(Database database, RunningJobs running, TimeSpan length)
{
    private readonly string _version = typeof(NodeLease).Assembly.GetName().Version?.ToString(3) ?? "0";
    private int _epoch;
    private long _expires;
    private long _number;

    // What ran was stopped, by the duty that renews or at the end of the lease.
    private volatile bool _dropped;
    private ITimer? _end;

    public TimeSpan RenewEvery { get; } = length / 3;

    /// <summary>Machine and process, readable.</summary>
    public string Node { get; } = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}");

    /// <summary>When it runs out unless it is renewed, in milliseconds since 1970.</summary>
    public long Expires => Volatile.Read(ref _expires);

    /// <summary>How long one lasts, a worker's as a node's.</summary>
    public TimeSpan Length => length;

    /// <summary>The fence number of the current epoch.</summary>
    public long Number => Volatile.Read(ref _number);

    public async Task TakeAsync()
    {
        var now = database.Now;
        var expires = now + (long)length.TotalMilliseconds;
        var number = await database.WriteAsync(new TakeLease(Node, ++_epoch, expires, _version, now)).ConfigureAwait(false);
        Volatile.Write(ref _expires, expires);
        Volatile.Write(ref _number, number);
        _dropped = false;
        WatchEnd(expires - now);
    }

    // Where others may take what it holds, a node that cannot reach the database stops at the end of its lease, not when it next hears of it.
    private void WatchEnd(long milliseconds)
    {
        if (!database.IsShared) return;
        _end ??= database.Time.CreateTimer(_ => Drop(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _end.Change(TimeSpan.FromMilliseconds(milliseconds), Timeout.InfiniteTimeSpan);
    }

    private void Drop()
    {
        _dropped = true;
        running.StopAll(StopReason.LeaseLost);
    }

    /// <summary>Renews, or starts a new epoch if the lease is lost. True: it was still held.</summary>
    public async Task<bool> RenewAsync()
    {
        await SetClockAsync().ConfigureAwait(false);
        var now = database.Now;
        // What was dropped is nobody's until the old number is rescued: that number is not renewed, whatever became of the new one.
        if (!_dropped && await RenewAsync(now, now + (long)length.TotalMilliseconds).ConfigureAwait(false)) return true;
        Drop();
        await TakeAsync().ConfigureAwait(false);
        return false;
    }

    private async Task<bool> RenewAsync(long now, long expires)
    {
        if (now >= Expires)
        {
            if (database.IsShared) return false;
            // While this node slept nobody could renew the leases of workers: none has run out, either.
            await database.WriteAsync(new ExtendSessions(expires)).ConfigureAwait(false);
        }
        if (!await database.WriteAsync(new RenewLease(Number, expires)).ConfigureAwait(false)) return false;
        Volatile.Write(ref _expires, expires);
        WatchEnd(expires - database.Now);
        return true;
    }

    // It goes on by itself where the database cannot be asked: what matters then is that the lease ends by it.
    private async Task SetClockAsync()
    {
        try
        {
            await database.SetClockAsync().ConfigureAwait(false);
        }
        catch (StorageException)
        {
            // The renewal says what is wrong.
        }
    }

    public async Task EndAsync()
    {
        _end?.Dispose();
        await database.WriteAsync(new EndLease(Number)).ConfigureAwait(false);
    }
}

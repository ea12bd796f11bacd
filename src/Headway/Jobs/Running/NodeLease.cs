using System.Globalization;
using Headway.Jobs.Storage;
using Headway.Storage;

namespace Headway.Jobs.Running;

/// <summary>This node's right to be alive: one row, renewed; everything the node runs carries its number.</summary>
/// <remarks>
/// Invariant: two nodes never hold the same number, and a number that was given up is never used again. A node that finds its lease
/// expired drops what it runs before anybody may claim it, and goes on under a new number. A lease that ran out only because the disk took no
/// renewal is still held as long as its row is there: this process is the one writer of the file, so nobody else can have read the row as
/// expired and taken anything, and this node never rescues from itself.
/// </remarks>
internal sealed class NodeLease(Database database, RunningJobs running, TimeSpan length)
{
    private readonly string _version = typeof(NodeLease).Assembly.GetName().Version?.ToString(3) ?? "0";
    private int _epoch;
    private long _expires;
    private long _number;

    // Both are touched by the one duty that renews. Refused: since the last renewal the disk has refused one. Dropped: what ran was stopped.
    private bool _refused;
    private bool _dropped;

    public TimeSpan RenewEvery { get; } = length / 3;

    /// <summary>Machine and process, readable.</summary>
    public string Node { get; } = string.Create(CultureInfo.InvariantCulture, $"{Environment.MachineName}/{Environment.ProcessId}");

    /// <summary>The fence number of the current epoch.</summary>
    public long Number => Volatile.Read(ref _number);

    public async Task TakeAsync()
    {
        var now = database.Now;
        var expires = now + (long)length.TotalMilliseconds;
        var number = await database.WriteAsync(new TakeLease(Node, ++_epoch, expires, _version, now)).ConfigureAwait(false);
        Volatile.Write(ref _expires, expires);
        Volatile.Write(ref _number, number);
        (_refused, _dropped) = (false, false);
    }

    /// <summary>Renews, or starts a new epoch if the lease is lost. True: it was still held.</summary>
    public async Task<bool> RenewAsync()
    {
        var now = database.Now;
        // What was dropped is nobody's until the old number is rescued: that number is not renewed, whatever became of the new one.
        if (!_dropped && (_refused || now < Volatile.Read(ref _expires)) && await RenewAsync(now + (long)length.TotalMilliseconds).ConfigureAwait(false)) return true;
        _dropped = true;
        running.StopAll(StopReason.LeaseLost);
        await TakeAsync().ConfigureAwait(false);
        return false;
    }

    private async Task<bool> RenewAsync(long expires)
    {
        try
        {
            if (!await database.WriteAsync(new RenewLease(Number, expires)).ConfigureAwait(false)) return false;
        }
        catch (StorageException)
        {
            _refused = true;
            throw;
        }
        _refused = false;
        Volatile.Write(ref _expires, expires);
        return true;
    }

    public Task EndAsync() => database.WriteAsync(new EndLease(Number));
}

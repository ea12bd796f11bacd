using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Headway.Storage.Postgres;

/// <summary>
/// Takes whatever has gathered while the last transaction was on its way, applies it as one, and releases each caller with its own verdict. One connection,
/// one transaction at a time: what comes meanwhile makes the next group larger.
/// </summary>
/// <remarks>
/// Invariant: an operation is released only after the commit that holds it was acknowledged, and failed only if no commit holds it; where the connection
/// was lost in between, the server is asked what became of the transaction. An unexpected error undoes the group, whose halves are then tried apart.
/// </remarks>
internal sealed class PostgresWriter : IAsyncDisposable
{
    // A larger group gains nothing more from sharing a transaction and only delays its first caller.
    private const int GroupLimit = 1_000;

    // Another transaction came first, here or on another node: it has ended by then.
    private const int RacesLost = 4;

    // How soon a server that is back is noticed by those whose commit nobody acknowledged.
    private static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(200);

    // A node that closes waits so often for a server that is not there; then it is as if it had been killed.
    private const int AsksWhenClosing = 25;

    private readonly PostgresServer _server;
    private readonly PayloadNumbers _payloads;
    private readonly int _groupLimit;
    private readonly Action<string>? _fault;
    private readonly ILogger _logger;
    private readonly WriteQueue _queue;
    private readonly Func<long>? _now;
    private readonly Writer _writer;
    private readonly SemaphoreSlim _changing;
    private readonly Task _loop;
    private readonly List<Task> _inDoubt = [];
    private NpgsqlConnection? _connection;
    private CommitMark _mark;

    /// <param name="fault">Told of each operation as `NAME:before-commit` and `NAME:after-commit`: where a test may end the process.</param>
    /// <param name="now">The time that the database is to take for its own; null: the server's.</param>
    /// <param name="changing">Whoever changes what is there has it, and who meets them (<see cref="GroupedWrite.MeetsChanges"/>); shared by the writers of a node.</param>
    public PostgresWriter(Writer writer, PostgresServer server, PayloadNumbers payloads, Action<string>? fault, ILogger logger, Func<long>? now, SemaphoreSlim changing)
    {
        (_writer, _server, _payloads, _fault, _logger, _now, _changing) = (writer, server, payloads, fault, logger, now, changing);
        _groupLimit = writer is Writer.Upkeep ? 1 : GroupLimit;
        _queue = new WriteQueue(TimeProvider.System);
        _loop = Task.Run(LoopAsync);
    }

    public bool IsClosing => _queue.IsClosing;

    public int Backlog => _queue.Backlog;

    public void Add(GroupedWrite write, bool lingers) => _queue.Add(write, lingers);

    public void Hurry() => _queue.Hurry();

    private async Task LoopAsync()
    {
        while (await _queue.TakeAsync().ConfigureAwait(false) is { } taken)
        {
            foreach (var kind in taken.GroupBy(write => _writer is Writer.Changes || write.MeetsChanges).OrderBy(kind => kind.Key))
            {
                foreach (var group in kind.Chunk(_groupLimit))
                {
                    if (kind.Key) await WriteAloneAsync([.. group]).ConfigureAwait(false);
                    else await WriteAsync([.. group]).ConfigureAwait(false);
                }
            }
        }
        await Task.WhenAll(_inDoubt).ConfigureAwait(false);
        if (_connection is not null) await _connection.DisposeAsync().ConfigureAwait(false);
    }

    // Before the transaction begins: whoever waits here has locked nothing.
    private async ValueTask WriteAloneAsync(List<GroupedWrite> writes)
    {
        await _changing.WaitAsync().ConfigureAwait(false);
        try
        {
            await WriteAsync(writes).ConfigureAwait(false);
        }
        finally
        {
            _changing.Release();
        }
    }

    private async ValueTask WriteAsync(List<GroupedWrite> writes, int lostRaces = 0)
    {
        var isOld = _connection is not null;
        var (error, group) = await TryAsync(writes).ConfigureAwait(false);
        if (error is null)
        {
            Release(writes);
        }
        else if (isOld && _connection is null && group is not { IsCommitting: true })
        {
            // It may have ended while nobody used it, and nothing was done: once more, on a new one.
            await WriteAsync(writes).ConfigureAwait(false);
        }
        else if (_connection is null && group is { IsCommitting: true, Transaction: { } id })
        {
            _inDoubt.RemoveAll(asking => asking.IsCompleted);
            _inDoubt.Add(EndAsync(writes, group.Mark, id, error));
        }
        else if (writes.Count == 1 && lostRaces < RacesLost && PostgresFault.IsLostRace(error))
        {
            await Task.Delay(TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32(1, 20 << lostRaces)), TimeProvider.System).ConfigureAwait(false);
            await WriteAsync(writes, lostRaces + 1).ConfigureAwait(false);
        }
        else if (writes.Count == 1 || (_connection is null && error is StorageException { Code: "storage-unavailable" }))
        {
            // Without a connection the halves would fare no better.
            Fail(writes, error);
        }
        else
        {
            var middle = writes.Count / 2;
            await WriteAsync(writes.GetRange(0, middle)).ConfigureAwait(false);
            await WriteAsync(writes.GetRange(middle, writes.Count - middle)).ConfigureAwait(false);
        }
    }

    private void Release(List<GroupedWrite> writes)
    {
        _queue.Done(writes.Count);
        ThreadPool.UnsafeQueueUserWorkItem(new DurableGroup(writes), preferLocal: false);
    }

    private void Fail(List<GroupedWrite> writes, Exception error)
    {
        _queue.Done(writes.Count);
        foreach (var write in writes) write.Fail(error);
    }

    private async ValueTask<(Exception? Error, PostgresGroup? Group)> TryAsync(List<GroupedWrite> writes)
    {
        PostgresGroup? group = null;
        try
        {
            if (_connection is null)
            {
                _connection = await _server.ConnectAsync().ConfigureAwait(false);
                _mark = await CommitMark.FirstAsync(_connection).ConfigureAwait(false);
            }
            await _server.RenewPlansAsync(_connection).ConfigureAwait(false);
            group = new PostgresGroup(_payloads, _mark, _now?.Invoke());
            _mark = _mark.Next;
            await group.RunAsync(_connection, writes, _fault is null ? null : () => Tell(writes, "before-commit")).ConfigureAwait(false);
            Tell(writes, "after-commit");
            return (null, group);
        }
#pragma warning disable CA1031 // Whatever went wrong belongs to the callers of this group; the writer lives on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            // A commit that took too long, or was answered by anything but the server, may have gone well.
            await RollbackAsync(isKnown: group is not { IsCommitting: true } || PostgresFault.From(error) is StorageException { InnerException: PostgresException }).ConfigureAwait(false);
            return (PostgresFault.From(error), group);
        }
    }

    /// <summary>Afterwards there is no connection, or one without a transaction.</summary>
    private async ValueTask RollbackAsync(bool isKnown)
    {
        if (_connection is null) return;
        try
        {
            if (isKnown && _connection.State is System.Data.ConnectionState.Open)
            {
                await using var rollback = new NpgsqlCommand("ROLLBACK", _connection);
                await rollback.ExecuteNonQueryAsync().ConfigureAwait(false);
                return;
            }
        }
#pragma warning disable CA1031 // A connection that cannot even roll back is given up; the server does it then.
        catch (Exception error)
#pragma warning restore CA1031
        {
            _logger.LogDebug("The connection is given up: {Reason}", error.Message);
        }
        await _connection.DisposeAsync().ConfigureAwait(false);
        _connection = null;
    }

    // A commit that nobody acknowledged: the server knows by what it left, as soon as it can be asked again. Others go on meanwhile.
    private async Task EndAsync(List<GroupedWrite> writes, CommitMark mark, string transaction, Exception error)
    {
        for (var asks = 0; asks < AsksWhenClosing || !IsClosing; asks++)
        {
            try
            {
                await using var connection = await _server.OpenAsync().ConfigureAwait(false);
                var left = await mark.IsLeftAsync(connection, transaction).ConfigureAwait(false);
                if (left is true)
                {
                    Release(writes);
                    return;
                }
                if (left is false) break;
            }
            catch (Exception unreachable) when (PostgresFault.From(unreachable) is StorageException)
            {
                _logger.LogDebug("The server cannot be asked yet how a transaction ended: {Reason}", unreachable.Message);
            }
            await Task.Delay(AskAgain, TimeProvider.System).ConfigureAwait(false);
        }
        Fail(writes, error);
    }

    private void Tell(List<GroupedWrite> writes, string boundary)
    {
        if (_fault is null) return;
        foreach (var point in writes.Where(write => !write.FoundNothing).SelectMany(write => write.Boundaries)) _fault($"{point}:{boundary}");
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        await _loop.ConfigureAwait(false);
    }
}

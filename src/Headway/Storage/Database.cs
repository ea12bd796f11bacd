using Headway.Storage.Sqlite;
using Microsoft.Extensions.Logging;

namespace Headway.Storage;

/// <summary>
/// The one database of a node: grouped writes through one writer, reads on connections of their own. Knows no capability.
/// </summary>
internal sealed class Database : IAsyncDisposable
{
    // Beyond this many operations waiting for the disk, new work is refused: full means 503, never memory.
    public const int BacklogLimit = 20_000;

    private readonly SqliteWriter _writer;
    private readonly SqliteReaders _readers;
    private readonly FileStream _lock;

    private Database(SqliteWriter writer, SqliteReaders readers, FileStream fileLock, TimeProvider time)
    {
        (_writer, _readers, _lock) = (writer, readers, fileLock);
        Time = time;
    }

    /// <summary>The clock of this database: on SQLite the process's.</summary>
    public TimeProvider Time { get; }

    /// <summary>Milliseconds since 1970 by <see cref="Time"/>: how every time is stored.</summary>
    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Operations waiting for the disk.</summary>
    public int Backlog => _writer.Backlog;

    /// <summary>True once the node is stopping: nothing is written any more.</summary>
    public bool IsClosing => _writer.IsClosing;

    /// <summary>True when new work must be refused until the disk has caught up.</summary>
    public bool IsOverloaded => _writer.Backlog >= BacklogLimit;

    /// <summary>Opens the file, refuses a second process on it, and migrates the schema.</summary>
    /// <param name="address">`sqlite:FILE`.</param>
    /// <param name="fault">See <see cref="SqliteWriter"/>; null: none.</param>
    /// <exception cref="StorageException">`storage-in-use`, `storage-newer`, `storage-read-only`, `storage-corrupt`, `storage-unavailable`.</exception>
    public static Database Open(string address, TimeProvider time, ILogger logger, Action<string>? fault = null)
    {
        var file = Path.GetFullPath(FileOf(address));
        SqliteLibrary.Load(logger);
        var fileLock = SqliteLock.Take(file);
        try
        {
            var session = SqliteSession.OpenWriter(file);
            Migrations.Apply(session, time.GetUtcNow());
            return new Database(new SqliteWriter(session, fault), new SqliteReaders(file), fileLock, time);
        }
        catch
        {
            fileLock.Dispose();
            throw;
        }
    }

    /// <summary>The path in `sqlite:FILE`.</summary>
    public static string FileOf(string address) => address.StartsWith("sqlite:", StringComparison.Ordinal)
        ? address["sqlite:".Length..]
        : throw new StorageException("storage-unavailable", $"The database address must be sqlite:FILE, not '{address.Split(':')[0]}:…'. PostgreSQL is not served by this version.");

    /// <summary>Completes when the operation is on disk, with its verdict.</summary>
    public Task<TVerdict> WriteAsync<TVerdict>(Write<TVerdict> write)
    {
        _writer.Add(write);
        return write.Durable;
    }

    /// <summary>The same for what nobody waits for: some milliseconds later, together with others. <see cref="Hurry"/> brings it forward.</summary>
    public Task<TVerdict> WriteSoonAsync<TVerdict>(Write<TVerdict> write)
    {
        _writer.Add(write, lingers: true);
        return write.Durable;
    }

    /// <summary>Somebody came who waits for what is written soon.</summary>
    public void Hurry() => _writer.Hurry();

    /// <summary>Reads what is committed. Runs on the caller's thread: keep it short.</summary>
    public ValueTask<T> ReadAsync<T>(Func<SqliteSession, T> read) => ValueTask.FromResult(_readers.Read(read));

    /// <summary>The same, for what must be answered where nothing can be awaited: a key that fell out of the cache, needed in the middle of reading rows.</summary>
    public T Read<T>(Func<SqliteSession, T> read) => _readers.Read(read);

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync().ConfigureAwait(false);
        _readers.Dispose();
        await _lock.DisposeAsync().ConfigureAwait(false);
    }
}

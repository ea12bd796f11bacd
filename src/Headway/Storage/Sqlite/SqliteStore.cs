using Microsoft.Extensions.Logging;

namespace Headway.Storage.Sqlite;

/// <summary>A file: one writer thread, connections that read, and a lock that keeps a second process out.</summary>
internal sealed class SqliteStore : Store
{
    private readonly FileStream _lock;
    private readonly SqliteWriter _writer;
    private readonly SqliteReaders _readers;

    private SqliteStore(FileStream fileLock, SqliteWriter writer, SqliteReaders readers, TimeProvider time)
    {
        (_lock, _writer, _readers) = (fileLock, writer, readers);
        Time = time;
    }

    public override bool IsShared => false;

    public override TimeProvider Time { get; }

    public override int Backlog => _writer.Backlog;

    public override bool IsClosing => _writer.IsClosing;

    /// <summary>Opens the file, refuses a second process on it, and migrates the schema.</summary>
    /// <exception cref="StorageException">`storage-in-use`, `storage-newer`, `storage-read-only`, `storage-corrupt`, `storage-unavailable`.</exception>
    public static SqliteStore Open(string path, TimeProvider time, ILogger logger, Action<string>? fault)
    {
        var file = Path.GetFullPath(path);
        SqliteLibrary.Load(logger);
        var fileLock = SqliteLock.Take(file);
        try
        {
            var session = SqliteSession.OpenWriter(file);
            // A clock that somebody gives is a test's.
            var clock = time == TimeProvider.System ? new SqliteClock(time, ToldTime.Read(session)) : time;
            SqliteMigrations.Apply(session, clock.GetUtcNow());
            return new SqliteStore(fileLock, new SqliteWriter(session, fault), new SqliteReaders(file), clock);
        }
        catch
        {
            fileLock.Dispose();
            throw;
        }
    }

    public override void Add(GroupedWrite write, bool lingers) => _writer.Add(write, lingers);

    public override void Hurry() => _writer.Hurry();

    // On the caller's thread: a read is a matter of microseconds.
    public override ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> read) => ValueTask.FromResult(_readers.Read(read));

    public override T Read<T>(Func<Session, ValueTask<T>> read) => _readers.Read(read);

    /// <summary>The clock needs no setting: what it tells is kept, so that the process that comes next does not tell less.</summary>
    public override async ValueTask SetClockAsync()
    {
        var keep = Told();
        Add(keep, lingers: true);
        await keep.Durable.ConfigureAwait(false);
    }

    private ToldTime Told() => new(Time.GetUtcNow());

    public override async ValueTask DisposeAsync()
    {
        var last = Told();
        Add(last, lingers: false);
        await ((Task)last.Durable).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _writer.DisposeAsync().ConfigureAwait(false);
        _readers.Dispose();
        await _lock.DisposeAsync().ConfigureAwait(false);
    }
}

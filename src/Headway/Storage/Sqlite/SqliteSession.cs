using System.Globalization;
using System.Text;
using SQLitePCL;

namespace Headway.Storage.Sqlite;

/// <summary>One connection with its prepared statements. Used by one thread at a time.</summary>
internal sealed class SqliteSession : Session, IDisposable
{
    // SQLITE_DBSTATUS_CACHE_WRITE
    private const int DbStatusCacheWrite = 9;

    private static readonly Sql BeginWrite = Sql.Of("begin", "BEGIN IMMEDIATE");
    private static readonly Sql CommitWrite = Sql.Of("commit", "COMMIT");
    private static readonly Sql LastPayload = Sql.Of("last payload", "SELECT coalesce(max(id), 0) FROM payloads");

    private readonly sqlite3 _handle;
    private readonly Dictionary<Sql, SqliteStatement> _statements = [];
    private long? _lastPayload;

    private SqliteSession(sqlite3 handle, string file)
    {
        _handle = handle;
        File = file;
    }

    public string File { get; }

    /// <summary>The connection that writes: WAL, every commit on disk before it is answered, checkpoints when <see cref="SqliteWriter"/> says so.</summary>
    public static SqliteSession OpenWriter(string file)
    {
        var session = Open(file, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX);
        session.Run("PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -131072; PRAGMA temp_store = MEMORY; PRAGMA journal_size_limit = 67108864");
        return session;
    }

    public static SqliteSession OpenReader(string file)
    {
        var session = Open(file, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX);
        session.Run("PRAGMA query_only = ON; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY");
        return session;
    }

    private static SqliteSession Open(string file, int flags)
    {
        var code = raw.sqlite3_open_v2(file, out var handle, flags, null);
        if (code != raw.SQLITE_OK) throw SqliteFault.From(code, file, raw.sqlite3_errmsg(handle).utf8_to_string());
        raw.sqlite3_busy_timeout(handle, 5_000);
        return new SqliteSession(handle, file);
    }

    public override SqlDialect Dialect => SqlDialect.Sqlite;

    /// <summary>The cached statement. Dispose resets it for the next use.</summary>
    public override SqliteStatement Use(Sql sql)
    {
        if (_statements.TryGetValue(sql, out var statement)) return statement;
        Check(raw.sqlite3_prepare_v3(_handle, sql.Utf8.AsSpan(0, sql.Utf8.Length - 1), raw.SQLITE_PREPARE_PERSISTENT, out var prepared));
        for (var i = 1; i <= raw.sqlite3_bind_parameter_count(prepared); i++)
        {
            if (raw.sqlite3_bind_parameter_name(prepared, i).utf8_to_string() != string.Create(CultureInfo.InvariantCulture, $"${i}"))
            {
                throw new InvalidOperationException($"{sql.Name}: parameters must be $1, $2, … in order of first use.");
            }
        }
        return _statements[sql] = new SqliteStatement(this, prepared, cached: true);
    }

    public override SqliteStatement Prepare(string text)
    {
        Check(raw.sqlite3_prepare_v2(_handle, Encoding.UTF8.GetBytes(text), out var prepared));
        return new SqliteStatement(this, prepared, cached: false);
    }

    /// <summary>Runs one or more statements without parameters or rows.</summary>
    public void Run(string text) => Check(raw.sqlite3_exec(_handle, text));

    public void Begin() => Use(BeginWrite).Execute();

    public void Commit() => Use(CommitWrite).Execute();

    public void Rollback()
    {
        if (raw.sqlite3_get_autocommit(_handle) == 0) raw.sqlite3_exec(_handle, "ROLLBACK");
    }

    public override async ValueTask<Exception?> ApartAsync(Func<ValueTask> row)
    {
        Run("SAVEPOINT apart");
        try
        {
            await row().ConfigureAwait(false);
            Run("RELEASE apart");
            return null;
        }
#pragma warning disable CA1031 // Whatever is wrong with one row must not stop the others.
        catch (Exception error) when (error is not StorageException { MayPass: true })
#pragma warning restore CA1031
        {
            Run("ROLLBACK TO apart; RELEASE apart");
            return error;
        }
    }

    /// <summary>Rows touched by the latest statement.</summary>
    public int Changes => raw.sqlite3_changes(_handle);

    // In one look at the database: every commit of the writer makes a reader begin anew. The writer has its transaction.
    public override async ValueTask<IReadOnlyList<TResult>> EachAsync<T, TResult>(IReadOnlyList<T> items, Func<T, ValueTask<TResult>> each)
    {
        if (raw.sqlite3_get_autocommit(_handle) == 0) return await base.EachAsync(items, each).ConfigureAwait(false);
        Run("BEGIN");
        try
        {
            return await base.EachAsync(items, each).ConfigureAwait(false);
        }
        finally
        {
            Run("COMMIT");
        }
    }

    // Counted here: the one writer is the only one who makes payloads. What a transaction that failed had taken stays unused.
    public override ValueTask<long> NewPayloadAsync()
    {
        if (_lastPayload is null)
        {
            using var last = Use(LastPayload);
            last.Step();
            _lastPayload = last.Int64(0);
        }
        return ValueTask.FromResult((_lastPayload += 1).Value);
    }

    /// <summary>Moves what it can from the log into the file without waiting for readers; returns the pages still in the log.</summary>
    public int Checkpoint()
    {
        raw.sqlite3_wal_checkpoint_v2(_handle, null, raw.SQLITE_CHECKPOINT_PASSIVE, out var logged, out var moved);
        return logged - moved;
    }

    /// <summary>Moves all of the log into the file and cuts it to nothing. False: somebody reads what is in it.</summary>
    public bool EmptyLog() => raw.sqlite3_wal_checkpoint_v2(_handle, null, raw.SQLITE_CHECKPOINT_TRUNCATE, out _, out _) == raw.SQLITE_OK;

    /// <summary>Pages this connection has written since it was last asked.</summary>
    public int TakePagesWritten()
    {
        raw.sqlite3_db_status(_handle, DbStatusCacheWrite, out var pages, out _, 1);
        return pages;
    }

    internal void Check(int code)
    {
        if (code is raw.SQLITE_OK or raw.SQLITE_ROW or raw.SQLITE_DONE) return;
        throw SqliteFault.From(raw.sqlite3_extended_errcode(_handle), File, raw.sqlite3_errmsg(_handle).utf8_to_string());
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values) statement.Close();
        _handle.Dispose();
    }
}

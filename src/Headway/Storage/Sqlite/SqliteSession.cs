using System.Globalization;
using System.Text;
using SQLitePCL;

namespace Headway.Storage.Sqlite;

/// <summary>One connection with its prepared statements. Used by one thread at a time.</summary>
internal sealed class SqliteSession : IDisposable
{
    // SQLITE_DBSTATUS_CACHE_WRITE
    private const int DbStatusCacheWrite = 9;

    private static readonly Sql BeginWrite = Sql.Of("begin", "BEGIN IMMEDIATE");
    private static readonly Sql CommitWrite = Sql.Of("commit", "COMMIT");

    private readonly sqlite3 _handle;
    private readonly Dictionary<Sql, SqliteStatement> _statements = [];

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

    /// <summary>The cached statement, ready to bind. Dispose resets it for the next use.</summary>
    public SqliteStatement Use(Sql sql)
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

    /// <summary>A statement used once, for text that is built (migrations, filters).</summary>
    public SqliteStatement Prepare(string text)
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

    /// <summary>One row's part of a transaction: what goes wrong in it undoes it alone. For upkeep, which takes many rows at once.</summary>
    /// <returns>What was wrong with the row; null: nothing. Trouble of the disk is not the row's, ends the whole transaction, and is thrown.</returns>
    public Exception? Apart(Action row)
    {
        Run("SAVEPOINT apart");
        try
        {
            row();
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

    public long LastRowId => raw.sqlite3_last_insert_rowid(_handle);

    /// <summary>Moves what it can from the log into the file without waiting for readers; returns the pages still in the log.</summary>
    public int Checkpoint()
    {
        raw.sqlite3_wal_checkpoint_v2(_handle, null, raw.SQLITE_CHECKPOINT_PASSIVE, out var logged, out var moved);
        return logged - moved;
    }

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

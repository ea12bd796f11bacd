using SQLitePCL;

namespace Headway.Bench.Limits;

/// <summary>
/// The physical limit of durable writes: one thread that writes, callers that gather while a transaction goes to disk, and nothing
/// else. No verdicts, no isolation of a bad operation, no bounds: what remains when everything a product needs is left out.
/// </summary>
internal sealed class LimitWriter : IAsyncDisposable
{
    private const int CheckpointEvery = 50_000;

    private readonly LimitDatabase _database;
    private readonly Action<LimitDatabase, byte[]> _insert;
    private readonly Thread _thread;
    private readonly AutoResetEvent _work = new(false);
    private readonly Lock _gate = new();
    private readonly TaskCompletionSource _ended = new();
    private List<Operation> _waiting = [];
    private List<Operation> _group = [];
    private volatile bool _closing;

    private sealed class Operation(byte[] input) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public byte[] Input => input;
    }

    public LimitWriter(LimitDatabase database, Action<LimitDatabase, byte[]> insert)
    {
        (_database, _insert) = (database, insert);
        _thread = new Thread(Loop) { IsBackground = true, Name = "limit-writer" };
        _thread.Start();
    }

    public Task InsertAsync(byte[] input)
    {
        var operation = new Operation(input);
        bool first;
        lock (_gate)
        {
            first = _waiting.Count == 0;
            _waiting.Add(operation);
        }
        if (first) _work.Set();
        return operation.Task;
    }

    private void Loop()
    {
        var sinceCheckpoint = 0;
        while (!_closing)
        {
            _work.WaitOne();
            while (Take())
            {
                _database.Step(_database.Begin);
                foreach (var operation in _group) _insert(_database, operation.Input);
                _database.Step(_database.Commit);
                foreach (var operation in _group) operation.SetResult();
                sinceCheckpoint += _group.Count;
                _group.Clear();
                if (sinceCheckpoint < CheckpointEvery) continue;
                _database.Checkpoint();
                sinceCheckpoint = 0;
            }
        }
        _ended.SetResult();
    }

    private bool Take()
    {
        lock (_gate) (_waiting, _group) = (_group, _waiting);
        return _group.Count > 0;
    }

    public async ValueTask DisposeAsync()
    {
        _closing = true;
        _work.Set();
        await _ended.Task;
        _work.Dispose();
    }
}

/// <summary>A SQLite file with the engine's durability and not one line of the engine.</summary>
internal sealed class LimitDatabase : IDisposable
{
    private readonly sqlite3 _handle;

    public LimitDatabase(string file, string schema)
    {
        Check(raw.sqlite3_open_v2(file, out _handle, raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_CREATE | raw.SQLITE_OPEN_NOMUTEX, null));
        Check(raw.sqlite3_exec(_handle, "PRAGMA page_size = 8192; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; PRAGMA cache_size = -131072; PRAGMA temp_store = MEMORY"));
        Check(raw.sqlite3_exec(_handle, schema));
        (Begin, Commit) = (Prepare("BEGIN IMMEDIATE"), Prepare("COMMIT"));
    }

    public sqlite3_stmt Begin { get; }
    public sqlite3_stmt Commit { get; }

    public long LastRowId => raw.sqlite3_last_insert_rowid(_handle);

    public sqlite3_stmt Prepare(string sql)
    {
        Check(raw.sqlite3_prepare_v2(_handle, sql, out var statement));
        return statement;
    }

    /// <summary>Steps once and resets.</summary>
    public void Step(sqlite3_stmt statement)
    {
        var code = raw.sqlite3_step(statement);
        raw.sqlite3_reset(statement);
        Check(code);
    }

    public long Count(string sql)
    {
        var statement = Prepare(sql);
        raw.sqlite3_step(statement);
        var count = raw.sqlite3_column_int64(statement, 0);
        raw.sqlite3_finalize(statement);
        return count;
    }

    public void Checkpoint() => raw.sqlite3_wal_checkpoint_v2(_handle, null, raw.SQLITE_CHECKPOINT_PASSIVE, out _, out _);

    private void Check(int code)
    {
        if (code is not (raw.SQLITE_OK or raw.SQLITE_DONE or raw.SQLITE_ROW)) throw new InvalidOperationException($"SQLite {code}: {raw.sqlite3_errmsg(_handle).utf8_to_string()}");
    }

    public void Dispose() => raw.sqlite3_close_v2(_handle);
}

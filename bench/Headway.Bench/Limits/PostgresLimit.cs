using Headway.Storage.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace Headway.Bench.Limits;

/// <summary>The physical limit on PostgreSQL: callers that gather while a transaction is on its way, which then takes all of them.</summary>
internal sealed class PostgresLimit : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _work = new(0, 1);
    private readonly Func<int, Task> _write;
    private readonly IAsyncDisposable _connection;
    private readonly Task _loop;
    private List<TaskCompletionSource> _waiting = [];
    private volatile bool _closing;

    private PostgresLimit(Func<int, Task> write, IAsyncDisposable connection)
    {
        (_write, _connection) = (write, connection);
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>One statement of one table.</summary>
    public static PostgresLimit OneTable(string address)
    {
        var connection = Open(address);
        using (var make = new NpgsqlCommand("CREATE TABLE job (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, body bytea NOT NULL)", connection)) make.ExecuteNonQuery();
        var bodies = new NpgsqlParameter<byte[][]> { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea, TypedValue = [] };
        var insert = new NpgsqlCommand("INSERT INTO job (body) SELECT unnest($1::bytea[])", connection);
        insert.Parameters.Add(bodies);
        insert.Prepare();
        return new PostgresLimit(count =>
        {
            bodies.TypedValue = [.. Enumerable.Repeat(Node.Input, count)];
            return insert.ExecuteNonQueryAsync();
        }, connection);
    }

    /// <summary>What the engine writes for each acceptance.</summary>
    public static async Task<PostgresLimit> SameRowsAsync(string address)
    {
        var rows = await PostgresRows.OpenAsync(address);
        return new PostgresLimit(rows.AcceptAsync, rows);
    }

    public Task InsertAsync()
    {
        var operation = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate) _waiting.Add(operation);
        Wake();
        return operation.Task;
    }

    private void Wake()
    {
        try
        {
            if (_work.CurrentCount == 0) _work.Release();
        }
        catch (SemaphoreFullException)
        {
            // Another caller woke it.
        }
    }

    private async Task LoopAsync()
    {
        while (!_closing)
        {
            await _work.WaitAsync();
            while (Take() is { Count: > 0 } group)
            {
                await _write(group.Count);
                foreach (var operation in group) operation.SetResult();
            }
        }
    }

    private List<TaskCompletionSource> Take()
    {
        lock (_gate)
        {
            var taken = _waiting;
            _waiting = [];
            return taken;
        }
    }

    public static long Count(string address, string sql)
    {
        using var connection = Open(address);
        using var command = new NpgsqlCommand(sql.Replace("SELECT min(", "SELECT least(", StringComparison.Ordinal), connection);
        return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    public static NpgsqlConnection Open(string address)
    {
        var connection = new NpgsqlConnection($"{PostgresAddress.Parse(address).ConnectionString};Max Auto Prepare=50;Auto Prepare Min Usages=2");
        connection.Open();
        // As the engine has it: planned once, and by key. Else a limit of few callers would be measured by its planning.
        using var planOnce = new NpgsqlCommand("SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off", connection);
        planOnce.ExecuteNonQuery();
        return connection;
    }

    public async ValueTask DisposeAsync()
    {
        _closing = true;
        Wake();
        await _loop;
        await _connection.DisposeAsync();
    }
}

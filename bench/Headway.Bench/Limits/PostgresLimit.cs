using Headway.Storage.Postgres;
using Npgsql;
using NpgsqlTypes;

namespace Headway.Bench.Limits;

/// <summary>The physical limit on PostgreSQL: one connection, callers that gather while a transaction is on its way, one statement of one table for all of them.</summary>
internal sealed class PostgresLimit : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _work = new(0, 1);
    private readonly NpgsqlConnection _connection;
    private readonly Task _loop;
    private List<TaskCompletionSource> _waiting = [];
    private volatile bool _closing;

    public PostgresLimit(string address)
    {
        _connection = Open(address);
        Run("CREATE TABLE job (id bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY, body bytea NOT NULL)");
        _loop = Task.Run(LoopAsync);
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
        await using var insert = new NpgsqlCommand("INSERT INTO job (body) SELECT unnest($1::bytea[])", _connection);
        var bodies = new NpgsqlParameter<byte[][]> { NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Bytea, TypedValue = [] };
        insert.Parameters.Add(bodies);
        await insert.PrepareAsync();
        while (!_closing)
        {
            await _work.WaitAsync();
            while (Take() is { Count: > 0 } group)
            {
                bodies.TypedValue = [.. Enumerable.Repeat(Node.Input, group.Count)];
                await insert.ExecuteNonQueryAsync();
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

    private void Run(string text)
    {
        using var command = new NpgsqlCommand(text, _connection);
        command.ExecuteNonQuery();
    }

    public static long Count(string address, string sql)
    {
        using var connection = Open(address);
        using var command = new NpgsqlCommand(sql.Replace("SELECT min(", "SELECT least(", StringComparison.Ordinal), connection);
        return Convert.ToInt64(command.ExecuteScalar(), System.Globalization.CultureInfo.InvariantCulture);
    }

    private static NpgsqlConnection Open(string address)
    {
        var connection = new NpgsqlConnection(PostgresAddress.Parse(address).ConnectionString);
        connection.Open();
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

using Npgsql;

namespace Headway.Storage.Postgres;

/// <summary>The way to one database of a PostgreSQL server.</summary>
internal sealed class PostgresServer : IDisposable, IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;

    public PostgresServer(PostgresAddress address)
    {
        var builder = new NpgsqlDataSourceBuilder(address.ConnectionString);
        builder.UsePhysicalConnectionInitializer(Pin, PinAsync);
        _source = builder.Build();
    }

    /// <summary>A connection to write on: its commits are on disk when they are answered, whatever the server's default.</summary>
    public async ValueTask<NpgsqlConnection> ConnectAsync()
    {
        var connection = await _source.OpenConnectionAsync().ConfigureAwait(false);
        try
        {
            await using var command = new NpgsqlCommand(Settings, connection);
            await command.ExecuteNonQueryAsync().ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // Stronger settings stay: remote_apply and remote_write wait for the disk here as well. A node that is paused in the middle of a transaction must not keep
    // what it has locked from those who take its work over: less than a lease is long. And what is written is planned once: planned for each few rows anew,
    // as the server would, planning takes longer than all the rest.
    private const string Settings = """
        SELECT set_config('idle_in_transaction_session_timeout', '10s', false), set_config('plan_cache_mode', 'force_generic_plan', false),
            set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') IN ('off', 'local') THEN 'on' ELSE current_setting('synchronous_commit') END, false)
        """;

    // Everything here goes by an index, whatever the server thinks of the tables: it may know nothing of them yet, or what they were while a queue was empty,
    // and a connection keeps a plan until it learns more.
    private const string Pinned = """
        SELECT set_config('enable_seqscan', 'off', false), set_config('enable_hashjoin', 'off', false), set_config('enable_mergejoin', 'off', false),
            set_config('jit', 'off', false)
        """;

    private static void Pin(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand(Pinned, connection);
        command.ExecuteNonQuery();
    }

    private static async Task PinAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(Pinned, connection);
        await command.ExecuteNonQueryAsync().ConfigureAwait(false);
    }

    public ValueTask<NpgsqlConnection> OpenAsync() => _source.OpenConnectionAsync();

    public NpgsqlConnection Open() => _source.OpenConnection();

    public void Dispose() => _source.Dispose();

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}

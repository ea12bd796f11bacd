using Npgsql;

namespace Headway.Storage.Postgres;

/// <summary>The way to one database of a PostgreSQL server.</summary>
internal sealed class PostgresServer : IDisposable, IAsyncDisposable
{
    private readonly NpgsqlDataSource _source;

    public PostgresServer(PostgresAddress address) => _source = new NpgsqlDataSourceBuilder(address.ConnectionString).Build();

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

    // Stronger settings stay: remote_apply and remote_write wait for the disk here as well. And a node that is paused in the middle of a transaction must
    // not keep what it has locked from those who take its work over: less than a lease is long.
    private const string Settings = """
        SELECT set_config('idle_in_transaction_session_timeout', '10s', false),
            set_config('synchronous_commit', CASE WHEN current_setting('synchronous_commit') IN ('off', 'local') THEN 'on' ELSE current_setting('synchronous_commit') END, false)
        """;

    public ValueTask<NpgsqlConnection> OpenAsync() => _source.OpenConnectionAsync();

    public NpgsqlConnection Open() => _source.OpenConnection();

    public void Dispose() => _source.Dispose();

    public ValueTask DisposeAsync() => _source.DisposeAsync();
}

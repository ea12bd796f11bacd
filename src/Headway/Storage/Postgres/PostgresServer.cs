using System.Collections.Concurrent;
using Npgsql;

namespace Headway.Storage.Postgres;

/// <summary>The way to one database of a PostgreSQL server.</summary>
/// <remarks>
/// A server plans by what it last knew of a table, and a connection keeps the plan until the server looks again, which is a minute or more. Queues fill up and run empty in seconds, so what was right for
/// ten rows is asked of a hundred thousand. Therefore: everything goes by an index where there is one, and no plan is kept longer than <see cref="PlansLast"/>: planned again, the server
/// mostly sees how large the table is by now. Where it would not, the statement leaves no other way (Jobs/Storage/LeaveQueue.postgres.sql).
/// </remarks>
internal sealed class PostgresServer : IDisposable, IAsyncDisposable
{
    /// <summary>A few tens of statements are planned again in some thousandths of a second.</summary>
    public static readonly TimeSpan PlansLast = TimeSpan.FromSeconds(5);

    private const string ForgetPlans = "DISCARD PLANS";

    // Far more connections than a node has; their numbers come again.
    private const int MostKnown = 10_000;

    private readonly NpgsqlDataSource _source;

    // Kept by who writes, and never given to a reader: its settings are others.
    private readonly NpgsqlDataSource _writers;

    // Since when the plans of a connection are kept, by the number of its process.
    private readonly ConcurrentDictionary<int, long> _planned = [];

    public PostgresServer(PostgresAddress address)
    {
        _source = SourceOf(address.ConnectionString);
        _writers = SourceOf($"{address.ConnectionString};Pooling=false");
    }

    private static NpgsqlDataSource SourceOf(string connection)
    {
        var builder = new NpgsqlDataSourceBuilder(connection);
        builder.UsePhysicalConnectionInitializer(Pin, PinAsync);
        return builder.Build();
    }

    /// <summary>A connection to write on: its commits are on disk when they are answered, whatever the server's default.</summary>
    public async ValueTask<NpgsqlConnection> ConnectAsync()
    {
        var connection = await _writers.OpenConnectionAsync().ConfigureAwait(false);
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

    /// <summary>A connection to read on; given back when it is disposed of.</summary>
    public async ValueTask<NpgsqlConnection> OpenAsync()
    {
        var connection = await _source.OpenConnectionAsync().ConfigureAwait(false);
        try
        {
            await RenewPlansAsync(connection).ConfigureAwait(false);
            return connection;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public NpgsqlConnection Open()
    {
        var connection = _source.OpenConnection();
        try
        {
            if (!AreOld(connection)) return connection;
            using var forget = new NpgsqlCommand(ForgetPlans, connection);
            forget.ExecuteNonQuery();
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>For whoever keeps a connection: before each transaction. Costs a trip now and then.</summary>
    public async ValueTask RenewPlansAsync(NpgsqlConnection connection)
    {
        if (!AreOld(connection)) return;
        await using var forget = new NpgsqlCommand(ForgetPlans, connection);
        await forget.ExecuteNonQueryAsync().ConfigureAwait(false);
    }

    private bool AreOld(NpgsqlConnection connection)
    {
        if (_planned.Count > MostKnown) _planned.Clear();
        var now = TimeProvider.System.GetTimestamp();
        if (TimeProvider.System.GetElapsedTime(_planned.GetOrAdd(connection.ProcessID, now), now) < PlansLast) return false;
        _planned[connection.ProcessID] = now;
        return true;
    }

    public void Dispose()
    {
        _source.Dispose();
        _writers.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync().ConfigureAwait(false);
        await _writers.DisposeAsync().ConfigureAwait(false);
    }
}

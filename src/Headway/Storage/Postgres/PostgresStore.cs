using Microsoft.Extensions.Logging;
using Npgsql;

namespace Headway.Storage.Postgres;

/// <summary>A database of a server, which other nodes use as well: grouped writes on a connection for each <see cref="Writer"/>, and reads on as many as there are.</summary>
internal sealed class PostgresStore : Store
{
    // The oldest that this is tested with.
    private const int OldestServer = 15;

    private const string AskClock = "SELECT headway_now()";

    private readonly PostgresServer _server;
    private readonly PayloadNumbers _payloads = new();
    private readonly SemaphoreSlim _changing = new(1, 1);
    private readonly PostgresWriter[] _writers;
    private readonly PostgresAnnouncements _announcements;

    private PostgresStore(PostgresServer server, TimeProvider time, Action<string>? fault, ILogger logger)
    {
        Time = time;
        _server = server;
        Func<long>? now = time is PostgresClock ? null : () => time.GetUtcNow().ToUnixTimeMilliseconds();
        _writers = [.. Enum.GetValues<Writer>().Select(writer => new PostgresWriter(writer, server, _payloads, fault, logger, now, _changing))];
        _announcements = new PostgresAnnouncements(server, logger);
    }

    public override bool IsShared => true;

    public override TimeProvider Time { get; }

    public override int Backlog => _writers.Sum(writer => writer.Backlog);

    public override bool IsClosing => _writers[0].IsClosing;

    public override bool IsDeaf => _announcements.IsDeaf;

    /// <summary>Finds the server and migrates the schema.</summary>
    /// <exception cref="StorageException">`storage-newer`, `storage-read-only`, `storage-unavailable`.</exception>
    public static PostgresStore Open(string address, TimeProvider time, ILogger logger, Action<string>? fault)
    {
        var where = PostgresAddress.Parse(address);
        var server = new PostgresServer(where);
        try
        {
            using var connection = server.Open();
            RequireVersion(connection, where);
            PostgresMigrations.Apply(connection);
            // A clock that somebody gives is a test's, and the database's, too.
            return new PostgresStore(server, time == TimeProvider.System ? ClockOf(connection) : time, fault, logger);
        }
        catch (Exception error)
        {
            server.Dispose();
            if (PostgresFault.AtStart(error, where) is StorageException told && !ReferenceEquals(told, error)) throw told;
            throw;
        }
    }

    /// <summary>Brings the schema up to date, and serves nothing.</summary>
    /// <returns>How many migrations were applied.</returns>
    /// <exception cref="StorageException">As for <see cref="Open"/>.</exception>
    public static int Migrate(string address)
    {
        var where = PostgresAddress.Parse(address);
        using var server = new PostgresServer(where);
        try
        {
            using var connection = server.Open();
            RequireVersion(connection, where);
            return PostgresMigrations.Apply(connection);
        }
        catch (Exception error) when (PostgresFault.AtStart(error, where) is StorageException told && !ReferenceEquals(told, error))
        {
            throw told;
        }
    }

    private static void RequireVersion(NpgsqlConnection connection, PostgresAddress where)
    {
        if (connection.PostgreSqlVersion.Major >= OldestServer) return;
        throw new StorageException("storage-unavailable", $"PostgreSQL at {where.Server} is version {connection.PostgreSqlVersion.Major}, and Headway needs {OldestServer} or newer. Upgrade the server, or name another one.");
    }

    private static PostgresClock ClockOf(NpgsqlConnection connection)
    {
        var clock = new PostgresClock();
        using var command = new NpgsqlCommand(AskClock, connection);
        command.ExecuteScalar();
        var asked = clock.GetTimestamp();
        clock.Set(DateTimeOffset.FromUnixTimeMilliseconds((long)command.ExecuteScalar()!), asked);
        return clock;
    }

    public override async ValueTask SetClockAsync()
    {
        if (Time is not PostgresClock clock) return;
        try
        {
            await using var connection = await _server.OpenAsync().ConfigureAwait(false);
            await using var command = new NpgsqlCommand(AskClock, connection);
            var asked = clock.GetTimestamp();
            clock.Set(DateTimeOffset.FromUnixTimeMilliseconds((long)(await command.ExecuteScalarAsync().ConfigureAwait(false))!), asked);
        }
        catch (Exception error) when (PostgresFault.From(error) is StorageException fault && !ReferenceEquals(fault, error))
        {
            throw fault;
        }
    }

    public override void Announce(string topic, string key) => _announcements.Announce(topic, key);

    public override void Listen(Action<string, string> heard, Action missed) => _announcements.Listen(heard, missed);

    public override void Add(GroupedWrite write, bool lingers) => _writers[(int)write.Writer].Add(write, lingers);

    public override void Hurry() => _writers[(int)Writer.Changes].Hurry();

    public override async ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> read)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            var trips = 0;
            try
            {
                await using var connection = await _server.OpenAsync().ConfigureAwait(false);
                var session = new PostgresSession(_payloads);
                var answer = read(session).Preserve();
                for (; !answer.IsCompleted; trips++) await PostgresRound.Of([session]).RunAsync(connection).ConfigureAwait(false);
                return await answer.ConfigureAwait(false);
            }
            catch (Exception error) when (isFirst && trips == 0 && PostgresFault.IsLost(error))
            {
                // The connection had ended while nobody used it. Nothing was answered, so it is as if nothing had been asked.
            }
            catch (Exception error) when (PostgresFault.From(error) is StorageException fault && !ReferenceEquals(fault, error))
            {
                throw fault;
            }
        }
    }

    public override T Read<T>(Func<Session, ValueTask<T>> read)
    {
        for (var isFirst = true; ; isFirst = false)
        {
            PostgresSession? session = null;
            try
            {
                using var connection = _server.Open();
                session = new PostgresSession(_payloads, connection);
                return AtOnce(read(session));
            }
            catch (Exception error) when (isFirst && session is not { IsAnswered: true } && PostgresFault.IsLost(error))
            {
                // As above.
            }
            catch (Exception error) when (PostgresFault.From(error) is StorageException fault && !ReferenceEquals(fault, error))
            {
                throw fault;
            }
        }
    }

    public override async ValueTask DisposeAsync()
    {
        // All of them close at once: what one takes in, another would have to end.
        await Task.WhenAll(_writers.Select(writer => writer.DisposeAsync().AsTask())).ConfigureAwait(false);
        _changing.Dispose();
        await _announcements.DisposeAsync().ConfigureAwait(false);
        await _server.DisposeAsync().ConfigureAwait(false);
    }
}

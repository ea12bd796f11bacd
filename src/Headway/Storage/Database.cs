using Headway.Storage.Postgres;
using Headway.Storage.Sqlite;
using Microsoft.Extensions.Logging;

namespace Headway.Storage;

/// <summary>
/// The one database of a node: grouped writes, reads on connections of their own. Knows no capability.
/// </summary>
internal sealed class Database : IAsyncDisposable
{
    private static readonly Sql Probe = Sql.Of("probe", "SELECT 1");

    // Whoever asks whether calls may be sent here asks again in some seconds.
    private static readonly TimeSpan ProbeLongest = TimeSpan.FromSeconds(2);

    // Beyond this many operations waiting for the disk, new work is refused: full means 503, never memory.
    public const int BacklogLimit = 20_000;

    // A look costs a read. Rarely where words are heard, because they are hardly ever lost.
    private static readonly TimeSpan LookWhenHearing = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LookWhenDeaf = TimeSpan.FromMilliseconds(500);

    private readonly Store _store;

    private Database(Store store, TimeProvider time) => (_store, Time) = (store, time);

    /// <summary>The clock of this database: on SQLite the process's, on PostgreSQL the server's.</summary>
    public TimeProvider Time { get; }

    /// <summary>Milliseconds since 1970 by <see cref="Time"/>: how every time is stored.</summary>
    public long Now => Time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Whether other nodes use it, too.</summary>
    public bool IsShared => _store.IsShared;

    /// <summary>Operations waiting for the disk.</summary>
    public int Backlog => _store.Backlog;

    /// <summary>True once the node is stopping: nothing is written any more.</summary>
    public bool IsClosing => _store.IsClosing;

    /// <summary>True when new work must be refused until the disk has caught up.</summary>
    public bool IsOverloaded => _store.Backlog >= BacklogLimit;

    /// <summary>Opens the database and migrates the schema. A file is refused to a second process.</summary>
    /// <param name="address">`sqlite:FILE`, or `postgres://USER:PASSWORD@HOST:PORT/DATABASE`.</param>
    /// <param name="fault">See <see cref="SqliteWriter"/>; null: none.</param>
    /// <exception cref="StorageException">`storage-in-use`, `storage-newer`, `storage-read-only`, `storage-corrupt`, `storage-unavailable`.</exception>
    public static Database Open(string address, TimeProvider time, ILogger logger, Action<string>? fault = null)
    {
        Store store = PostgresAddress.Is(address) ? PostgresStore.Open(address, time, logger, fault) : SqliteStore.Open(FileOf(address), time, logger, fault);
        return new Database(store, store.Time);
    }

    /// <summary>Brings the schema of a database of a server up to date, as its owner; null: a file, which does so itself when it is opened.</summary>
    /// <returns>How many migrations were applied.</returns>
    /// <exception cref="StorageException">As for <see cref="Open"/>.</exception>
    public static int? Migrate(string address) => PostgresAddress.Is(address) ? PostgresStore.Migrate(address) : null;

    /// <summary>Statements that let another role than the owner run nodes; null: a file has no roles.</summary>
    /// <exception cref="StorageException">`storage-unavailable`: the address cannot be read.</exception>
    public static string? GrantsFor(string role, string address) => PostgresAddress.Is(address) ? PostgresGrants.For(role, PostgresAddress.Parse(address).Database) : null;

    /// <summary>The path in `sqlite:FILE`.</summary>
    public static string FileOf(string address) => address.StartsWith("sqlite:", StringComparison.Ordinal)
        ? address["sqlite:".Length..]
        : throw new StorageException("storage-unavailable", $"The database address must be sqlite:FILE or postgres://USER:PASSWORD@HOST:PORT/DATABASE, not {(Scheme(address) is { } scheme ? $"'{scheme}:…'" : "this")}.");

    // Never more of it: what somebody took for an address may hold a password.
    private static string? Scheme(string address) => address.IndexOf(':', StringComparison.Ordinal) is > 0 and var colon && address[..colon].All(char.IsAsciiLetter) ? address[..colon] : null;

    /// <summary>Completes when the operation is on disk, with its verdict.</summary>
    public Task<TVerdict> WriteAsync<TVerdict>(Write<TVerdict> write)
    {
        _store.Add(write, lingers: false);
        return write.Durable;
    }

    /// <summary>The same for what nobody waits for: some milliseconds later, together with others. <see cref="Hurry"/> brings it forward.</summary>
    public Task<TVerdict> WriteSoonAsync<TVerdict>(Write<TVerdict> write)
    {
        _store.Add(write, lingers: true);
        return write.Durable;
    }

    /// <summary>Somebody came who waits for what is written soon.</summary>
    public void Hurry() => _store.Hurry();

    /// <summary>Tells the other nodes of this database, within some milliseconds and outside any transaction. A word can be lost: whoever waits for one looks for itself from time to time.</summary>
    /// <param name="topic">A word without a space.</param>
    /// <param name="key">What of the topic; ASCII on one line.</param>
    public void Announce(string topic, string key) => _store.Announce(topic, key);

    /// <summary>From now on <paramref name="heard"/> is told what other nodes announce, and <paramref name="missed"/> that any of it may not have come.</summary>
    public void Listen(Action<string, string> heard, Action missed) => _store.Listen(heard, missed);

    /// <summary>How long to wait for a word of another node before looking for oneself.</summary>
    public TimeSpan LookAfter => _store.IsDeaf ? LookWhenDeaf : LookWhenHearing;

    /// <summary>Compares the clock with the database's: the two may drift apart.</summary>
    public ValueTask SetClockAsync() => _store.SetClockAsync();

    /// <summary>Reads what is committed. On SQLite it runs on the caller's thread: keep it short.</summary>
    public ValueTask<T> ReadAsync<T>(Func<Session, ValueTask<T>> read) => _store.ReadAsync(read);

    /// <summary>Returns when the database has answered.</summary>
    /// <exception cref="StorageException">It did not, or not in time.</exception>
    public async Task ProbeAsync()
    {
        try
        {
            await ReadAsync(static async session =>
            {
                using var probe = session.Use(Probe);
                return await probe.StepAsync().ConfigureAwait(false);
            }).AsTask().WaitAsync(ProbeLongest, Time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new StorageException("storage-unavailable", "The database does not answer.");
        }
    }

    /// <summary>The same, for what must be answered where nothing can be awaited: a key that fell out of the cache, needed in the middle of reading rows.</summary>
    public T Read<T>(Func<Session, ValueTask<T>> read) => _store.Read(read);

    public ValueTask DisposeAsync() => _store.DisposeAsync();
}

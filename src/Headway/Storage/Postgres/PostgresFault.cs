using System.Net.Sockets;
using Npgsql;

namespace Headway.Storage.Postgres;

/// <summary>What PostgreSQL and the way to it can do wrong, in our words.</summary>
internal static class PostgresFault
{
    /// <summary>Anything that is no trouble of the database comes back as it is.</summary>
    public static Exception From(Exception error) => error switch
    {
        StorageException => error,
        PostgresException refused => new StorageException(CodeOf(refused), $"PostgreSQL: {refused.MessageText} ({refused.SqlState})", refused),
        NpgsqlException or SocketException or TimeoutException or IOException or ObjectDisposedException =>
            new StorageException("storage-unavailable", $"PostgreSQL cannot be reached: {Why(error)}", error),
        _ => error,
    };

    // Callers are told, too: without the address, which is nothing to them.
    private static string Why(Exception error) => error switch
    {
        SocketException refused => $"the network says {refused.SocketErrorCode}",
        TimeoutException => "it does not answer in time",
        _ when error.InnerException is { } cause => Why(cause),
        _ => "the connection broke off",
    };

    /// <summary>Whether the connection is gone with it, and with the connection whatever it had begun.</summary>
    public static bool IsLost(Exception error) => From(error) is StorageException { Code: "storage-unavailable", InnerException: { } cause }
        && (cause is not PostgresException ended || ended.SqlState is PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown);

    /// <summary>The same with its cure, which is in other hands than ours: somebody starts a node and waits for it.</summary>
    public static Exception AtStart(Exception error, PostgresAddress address) => From(error) is not StorageException fault || ReferenceEquals(fault, error) ? error : new StorageException(fault.Code, (error as PostgresException)?.SqlState switch
    {
        PostgresErrorCodes.InvalidPassword or PostgresErrorCodes.InvalidAuthorizationSpecification =>
            $"PostgreSQL at {address.Server} does not let user {address.User} in. Correct user and password in the address, or let them in with pg_hba.conf. ({fault.Message})",
        PostgresErrorCodes.InvalidCatalogName =>
            $"PostgreSQL at {address.Server} has no database {address.Database}. Create it (CREATE DATABASE \"{address.Database}\" OWNER \"{address.User}\"), or correct the address.",
        PostgresErrorCodes.InsufficientPrivilege =>
            $"User {address.User} may not create or use the tables in database {address.Database}. Make them its owner, or GRANT CREATE ON SCHEMA public TO \"{address.User}\"; or have the owner run what `headway database grants {address.User}` writes. ({fault.Message})",
        PostgresErrorCodes.ReadOnlySqlTransaction =>
            $"Database {address.Database} at {address.Server} cannot be written. Name the primary server, or end default_transaction_read_only.",
        null => $"{fault.Message}. Start the server at {address.Server}, or correct the address.",
        _ => $"{fault.Message}.",
    }, error);

    /// <summary>The same may go well a moment later: a deadlock, a number that another transaction took at the same time, a key whose job is not to be seen yet.</summary>
    public static bool IsLostRace(Exception error) => error switch
    {
        StorageException { InnerException: PostgresException refused } => refused.SqlState is PostgresErrorCodes.DeadlockDetected or PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.UniqueViolation,
        StorageException { Code: "storage-unavailable", InnerException: null } => true,
        _ => false,
    };

    private static string CodeOf(PostgresException error) => error.SqlState switch
    {
        PostgresErrorCodes.DiskFull => "storage-full",
        PostgresErrorCodes.ReadOnlySqlTransaction => "storage-read-only",
        PostgresErrorCodes.DataCorrupted or PostgresErrorCodes.IndexCorrupted => "storage-corrupt",
        // Raised by our triggers, and what the constraints refuse.
        "P0001" => "storage-conflict",
        _ when error.SqlState.StartsWith("23", StringComparison.Ordinal) => "storage-conflict",
        // 22 a value that the type cannot hold, 54 one that is too large: that is what was asked. All else is the server's, and passes: connections,
        // resources, an operator's intervention, a conflict of transactions, a table that somebody took away.
        _ => error.SqlState[..2] is "22" or "54" ? "storage-conflict" : "storage-unavailable",
    };
}

using System.Globalization;
using Npgsql;

namespace Headway.Storage.Postgres;

/// <summary>Brings the schema up to date, in one transaction and under a lock: of nodes that start together one migrates and the others find it done.</summary>
internal static class PostgresMigrations
{
    // Any number that nobody else locks.
    private const long LockNumber = 0x4865_6164_7761_79;

    // Nodes of the program before go on meanwhile, and lock the same tables in the order of their own work: the server ends one of two that wait for each other.
    private const int Tries = 20;

    /// <summary>Nothing is written, and no right to is needed, where nothing is missing: a node's role may be another than the owner's.</summary>
    /// <returns>How many were applied.</returns>
    /// <exception cref="StorageException">`storage-newer`; `storage-older`: some are missing, and this role may not apply them.</exception>
    public static int Apply(NpgsqlConnection connection)
    {
        var applied = IsBegun(connection) ? Applied(connection) : null;
        var missing = Missing(applied ?? []);
        if (missing.Count == 0) return 0;
        try
        {
            return ApplyAgain(connection);
        }
        catch (PostgresException refused) when (refused.SqlState is PostgresErrorCodes.InsufficientPrivilege && applied is { Count: > 0 })
        {
            throw new StorageException("storage-older",
                $"The database has schema {applied.Keys.Max()}, this program needs {missing[^1].Number}, and its user may not change the tables. Run `headway database migrate` with the address of their owner, and what `headway database grants` writes; then start again.", refused);
        }
    }

    private static List<Migration> Missing(Dictionary<int, string> applied) => [.. Migration.Missing(SqlDialect.Postgres, applied)];

    private static bool IsBegun(NpgsqlConnection connection)
    {
        using var command = new NpgsqlCommand("SELECT to_regclass('migrations') IS NOT NULL", connection);
        return (bool)command.ExecuteScalar()!;
    }

    private static int ApplyAgain(NpgsqlConnection connection)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                return ApplyOnce(connection);
            }
            catch (PostgresException lost) when (lost.SqlState is PostgresErrorCodes.DeadlockDetected && tries < Tries)
            {
                // Nothing of it is there. Whoever won has gone on.
            }
        }
    }

    private static int ApplyOnce(NpgsqlConnection connection)
    {
        using var transaction = connection.BeginTransaction();
        Run(connection, string.Create(CultureInfo.InvariantCulture, $"SELECT pg_advisory_xact_lock({LockNumber})"));
        Run(connection, "CREATE TABLE IF NOT EXISTS migrations (number integer PRIMARY KEY, name text NOT NULL, hash text NOT NULL, applied timestamptz NOT NULL DEFAULT now())");
        var missing = Missing(Applied(connection));
        foreach (var migration in missing)
        {
            Run(connection, migration.Text);
            Run(connection, string.Create(CultureInfo.InvariantCulture, $"INSERT INTO migrations (number, name, hash) VALUES ({migration.Number}, '{migration.Name}', '{migration.Hash}')"));
        }
        transaction.Commit();
        return missing.Count;
    }

    private static Dictionary<int, string> Applied(NpgsqlConnection connection)
    {
        var applied = new Dictionary<int, string>();
        using var command = new NpgsqlCommand("SELECT number, hash FROM migrations", connection);
        using var reader = command.ExecuteReader();
        while (reader.Read()) applied[reader.GetInt32(0)] = reader.GetString(1);
        return applied;
    }

    private static void Run(NpgsqlConnection connection, string text)
    {
        // A table may be large: as long as it takes.
        using var command = new NpgsqlCommand(text, connection) { CommandTimeout = 0 };
        command.ExecuteNonQuery();
    }
}
